"""The thread that sends mail, so that no request waits for a mail server.

The standard library's QueueListener would do, but for three things: its stop() waits
without a limit, it is not there after a fork, and identical errors would fill its
queue.
"""

import atexit
import contextlib
import logging
import math
import os
import threading
from collections.abc import Callable

from .deadline import Deadline
from .outbox import Outbox, Parcel

LAST_WAIT = 5.0
"""Seconds for which the end of the process waits for mail to be sent."""

# A child of the application's logger: what is said here stands in the log file. It is
# said as a warning, so that a mail that fails never causes another.
log = logging.getLogger(__name__)

# A process that is forked while another thread writes to stderr has the lock of its
# buffer for ever, and hangs when it writes itself: so a fork waits until all is said.
# https://github.com/python/cpython/issues/84579
_saying = threading.RLock()
if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(
        before=_saying.acquire,
        after_in_parent=_saying.release,
        after_in_child=_saying.release,
    )


class Courier:
    """Sends what is put into its outbox, from now on to the end of the process."""

    def __init__(
        self,
        outbox: Outbox,
        send: Callable[[Parcel, float], None],
        *,
        last_wait: float = LAST_WAIT,
        process_id: Callable[[], int] = os.getpid,
        start: Callable[[threading.Thread], None] = threading.Thread.start,
    ) -> None:
        """`send` gets a mail and, in seconds, how long it may take at most.

        It may raise anything; what it raises is logged.
        """
        self._outbox = outbox
        self._send = send
        self._last_wait = last_wait
        self._process_id = process_id
        self._process = process_id()
        self._end: Deadline | None = None
        self._told = 0  # how many were held back, when that was last said
        self._start = start
        self._thread: threading.Thread | None = None
        # Not by logging.shutdown(), which forgets handlers when a configuration is
        # read from a file (as Alembic's env.py does), and comes too late otherwise.
        atexit.register(self.close)

    @property
    def is_here(self) -> bool:
        """Whether this is still the process, and not a fork of it, that it is for."""
        return self._process == self._process_id()

    def put(self, kind: str, report: str) -> None:
        """Take in a report; for one thread at a time."""
        self._outbox.put(kind, report)
        if self._end:
            self._finish(self._end)  # no thread would do it any more
        elif self._thread is None:
            thread = threading.Thread(target=self._work, name="error-mail", daemon=True)
            # Where no thread can start, the next report tries again. While the
            # interpreter shuts down none does: close() does the work.
            with contextlib.suppress(RuntimeError):
                self._start(thread)
                self._thread = thread

    def close(self) -> None:
        """Send what is waiting, for `last_wait` seconds at most, and log the rest."""
        if self._end or not self.is_here:
            return
        self._end = Deadline(self._last_wait)
        atexit.unregister(self.close)
        self._outbox.close()
        self._finish(self._end)

    def _finish(self, end: Deadline) -> None:
        with contextlib.suppress(TimeoutError):
            if self._thread:
                self._thread.join(end.left())
            if not self._is_sending:
                self._work_until(end)
        self._tell_dropped()
        waiting, held = self._outbox.give_up()
        unsent = waiting + self._is_sending
        if unsent:
            _warn("Mail not sent before the end of the process: %d", unsent)
        more, self._told = held - self._told, held
        if more > 0:
            _warn("Identical errors held back until the next mail: %d", more)

    @property
    def _is_sending(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        while parcel := self._outbox.take():
            self._deliver(parcel, math.inf)

    def _work_until(self, end: Deadline) -> None:
        while (left := end.left()) and (parcel := self._outbox.take()):
            self._deliver(parcel, left)

    def _deliver(self, parcel: Parcel, within: float) -> None:
        try:
            self._send(parcel, within)
        except Exception as error:  # nothing may end this thread
            self._outbox.give_back(parcel)
            _warn("Mail not delivered: %s; errors in it: %d", error, parcel.errors)
        self._tell_dropped()

    def _tell_dropped(self) -> None:
        if dropped := self._outbox.dropped():
            _warn("Mail dropped, too much was waiting: %d", dropped)


def _warn(message: str, *values: object) -> None:
    with _saying:
        log.warning(message, *values, stacklevel=2)
