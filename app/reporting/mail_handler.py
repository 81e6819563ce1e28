"""The handler that mails errors to the administrators."""

import codecs
import logging
import math
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime, make_msgid
from typing import Any

from .delivery import DeliveryWorker
from .rate_limit import QueuedMail, RateLimiter, SharedState, fingerprint
from .smtp import deliver

STATE = ".mailed.json"
"""The file in LOG_DIR by which processes share what was mailed."""

# Every mail server takes a body in seven bits.
_POLICY = SMTP.clone(cte_type="7bit")

# A codec is imported when it is first used. If that was the thread that sends, a
# process that is forked at that moment would wait for the import indefinitely.
for _codec in ("ascii", "idna", "punycode"):
    codecs.lookup(_codec)


class MailHandler(logging.Handler):
    """Mails each error to all administrators, from a thread.

    Identical errors are mailed at most once per MAIL_INTERVAL seconds, across all
    processes.
    """

    def __init__(self, config: Mapping[str, Any], root: str) -> None:
        """Read the settings; nothing is opened or started before the first error.

        Args:
            config: The settings, with defaults.
            root: The folder of the application's own code, for fingerprints.
        """
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
