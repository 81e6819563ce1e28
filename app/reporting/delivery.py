"""The mail queue and the thread that sends from it, so that no request waits.

The standard QueueListener would do, but its stop() waits without a limit, its thread is
gone after a fork, and identical errors would fill its queue.
"""

import atexit
import contextlib
import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable

from .rate_limit import QueuedMail, RateLimiter

CAPACITY = 100  # mails; more would not help while the mail server is away
LAST_WAIT = 5.0  # seconds for which the end of the process waits for its mails

# Warnings, so that a mail that is not delivered never causes another one.
log = logging.getLogger(__name__)

# A process that is forked while another thread writes to stderr inherits the lock of
# its buffer, and hangs when it writes itself. So a fork waits for this thread.
# https://github.com/python/cpython/issues/84579
_log_lock = threading.RLock()
if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(
        before=_log_lock.acquire,
        after_in_parent=_log_lock.release,
        after_in_child=_log_lock.release,
    )


class DeliveryWorker:
    """Sends mails from a bounded queue, until the end of the process.

    The thread starts with the first mail of each process.
    """

    def __init__(
        self, limiter: RateLimiter, send: Callable[[QueuedMail, float], None]
    ) -> None:
        """Store the rate limiter and how to send a mail within so many seconds.

        What `send` raises is logged.
        """
        self._limiter = limiter
        self._send = send
        self._queue: deque[QueuedMail] = deque()
        self._changed = threading.Condition()
        self._dropped = 0
        self._logged_held_back = 0
        self._thread: threading.Thread | None = None
        self._end: float | None = None
        self._process = os.getpid()
        # logging.shutdown() comes later, when no mail can be sent any more; and it
        # forgets handlers when a configuration is read, as in Alembic's env.py.
        atexit.register(self.close)

    @property
    def is_inherited(self) -> bool:
        """Whether this process is a fork of the one that created the worker."""
        return self._process != os.getpid()

    def put(self, fingerprint: str, report: str) -> None:
        """Queue a report, hold it back, or drop it if the queue is full."""
        with self._changed:
            if mail := self._limiter.admit(fingerprint, report):
                self._append(mail)
            self._changed.notify()
        if self._end is not None:
            self._finish(self._end)  # the thread has ended
        elif self._thread is None:
            thread = threading.Thread(target=self._run, name="error-mail", daemon=True)
            # If no thread can be started, the next report tries again, or else close().
            with contextlib.suppress(RuntimeError):
                thread.start()
                self._thread = thread

    def close(self) -> None:
        """Send what is queued, for at most LAST_WAIT seconds, and log the rest."""
        if self._end is not None or self.is_inherited:
            return
        self._end = time.monotonic() + LAST_WAIT
        atexit.unregister(self.close)
        with self._changed:
            self._changed.notify()
        self._finish(self._end)

    def _finish(self, end: float) -> None:
        if self._thread:
            self._thread.join(max(0.0, end - time.monotonic()))
        if not self._is_sending:
            while (left := end - time.monotonic()) > 0 and (mail := self._next()):
                self._deliver(mail, left)
        self._log_dropped()
        with self._changed:
            unsent = len(self._queue) + self._is_sending
            held_back = sum(mail.held_back for mail in self._queue)
            self._limiter.release(self._queue)
            self._queue.clear()
            held_back += self._limiter.held_back
        if unsent:
            _warn("Mail not sent before the end of the process: %d", unsent)
        if held_back > self._logged_held_back:
            _warn(
                "Identical errors held back until the next mail: %d",
                held_back - self._logged_held_back,
            )
        self._logged_held_back = held_back

    @property
    def _is_sending(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _run(self) -> None:
        while mail := self._next():
            self._deliver(mail, math.inf)

    def _next(self) -> QueuedMail | None:
        """Wait for the next mail and return it; None once closed and empty."""
        with self._changed:
            while True:
                for mail in self._limiter.overdue():
                    self._append(mail)
                if self._queue:
                    return self._queue.popleft()
                if self._end is not None:
                    return None
                self._changed.wait(self._limiter.wait())

    def _append(self, mail: QueuedMail) -> None:
        if len(self._queue) < CAPACITY:
            self._queue.append(mail)
        else:
            self._dropped += 1
            self._limiter.release([mail])

    def _deliver(self, mail: QueuedMail, within: float) -> None:
        try:
            self._send(mail, within)
        except Exception as error:  # the thread must not end
            with self._changed:
                self._limiter.release([mail])
            _warn("Mail not delivered: %s; errors in it: %d", error, mail.errors)
        self._log_dropped()

    def _log_dropped(self) -> None:
        with self._changed:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            _warn("Mail dropped, too much was waiting: %d", dropped)


def _warn(message: str, *values: object) -> None:
    with _log_lock:
        log.warning(message, *values, stacklevel=2)
