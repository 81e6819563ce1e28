"""The handler that mails errors to the administrators, from a thread of its own.

The standard QueueListener would do, but its stop() waits without a limit, its thread is
gone after a fork, and identical errors would fill its queue.
"""

import atexit
import codecs
import contextlib
import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime, make_msgid
from typing import Any

from .rate_limit import QueuedMail, RateLimiter, SharedState, fingerprint
from .smtp import deliver

STATE = ".mailed.json"
"""The file in LOG_DIR by which processes share what was mailed."""

CAPACITY = 100  # mails; more would not help while the mail server is away
LAST_WAIT = 5.0  # seconds for which the end of the process waits for its mails

# Every mail server takes a body in seven bits.
_POLICY = SMTP.clone(cte_type="7bit")

# A codec is imported when it is first used. If that was the thread that sends, a
# process that is forked at that moment would wait for the import indefinitely.
for _codec in ("ascii", "idna", "punycode"):
    codecs.lookup(_codec)

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


class MailHandler(logging.Handler):
    """Mails each error to all administrators, from a thread.

    Identical errors are mailed at most once per MAIL_INTERVAL seconds, across all
    processes. Nothing is opened or started before the first error. `root` is the folder
    of the application's own code, for fingerprints.
    """

    def __init__(self, config: Mapping[str, Any], root: str) -> None:
        super().__init__(logging.ERROR)
        self._config = config
        self._root = root
        self._worker: DeliveryWorker | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a report of the record."""
        try:
            if self._worker is None or self._worker.is_inherited:
                state = SharedState(self._config["LOG_DIR"] / STATE)
                limiter = RateLimiter(self._config["MAIL_INTERVAL"], state)
                self._worker = DeliveryWorker(limiter, self._send)
            self._worker.put(fingerprint(record, self._root), self.format(record))
        except Exception:  # handlers must not raise
            self.handleError(record)

    def close(self) -> None:
        """Send what is queued, within bounds; a later record starts a new queue."""
        self.acquire()
        worker, self._worker = self._worker, None
        self.release()
        if worker:
            worker.close()
        super().close()

    def send_now(self, record: logging.LogRecord) -> None:
        """Mail the record now, whatever was mailed before; raise if that fails."""
        self._send(QueuedMail(self.format(record)))

    def _send(self, mail: QueuedMail, within: float = math.inf) -> None:
        timeout = min(self._config["MAIL_TIMEOUT"], within)
        deliver(self.compose(mail), self._config, timeout)

    def compose(self, mail: QueuedMail) -> EmailMessage:
        """Return the message that is sent for a report."""
        message = EmailMessage(_POLICY)
        message["From"] = _sender(self._config)
        message["To"] = ", ".join(self._config["ADMINS"])
        message["Subject"] = self._config["MAIL_SUBJECT"]
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
        # RFC 3834: no automatic replies, such as out-of-office notes.
        message["Auto-Submitted"] = "auto-generated"
        text = mail.report
        if mail.held_back:
            which = "; this is the latest of them" if mail.is_latest else ""
            count = f"Held back: {mail.held_back} like this since the last mail{which}"
            text = f"{count}\n{text}"
        message.set_content(text)
        return message


def _sender(config: Mapping[str, Any]) -> str | Address:
    setting = config["MAIL_DEFAULT_SENDER"]
    if setting:  # a text, or a name and an address, as Flask-Mail has it
        return setting if isinstance(setting, str) else formataddr(setting)
    host = config["MAIL_SERVER"]
    domain = f"[IPv6:{host}]" if ":" in host else host.encode("idna").decode()
    return Address(username="no-reply", domain=domain)


class DeliveryWorker:
    """Sends mails from a bounded queue, until the end of the process.

    The thread starts with the first mail. `send` sends one mail within so many seconds;
    what it raises is logged.
    """

    def __init__(
        self, limiter: RateLimiter, send: Callable[[QueuedMail, float], None]
    ) -> None:
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
