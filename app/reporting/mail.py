"""The handler that mails errors to the administrators."""

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .courier import Courier
from .ledger import Ledger
from .message import ReportFormatter, compose
from .occasion import note_occasion
from .outbox import Outbox, Parcel
from .redaction import own_secrets
from .route import Route
from .storm import Storm, kind_of
from .transport import DeliveryError, deliver

LEDGER = ".mailed.json"
"""The name of a small file in LOG_DIR."""


class MailHandler(logging.Handler):
    """Mails each error to all recipients, from a thread of its own.

    Of identical errors one is mailed per `interval` seconds, over all processes. The
    thread is started by the first error in a process, so also in each forked worker.
    """

    def __init__(
        self,
        route: Route,
        recipients: Iterable[str],
        interval: float,
        ledger: str | os.PathLike[str],
    ) -> None:
        """`ledger` is the file in which processes share what they mailed."""
        super().__init__(logging.ERROR)
        self.addFilter(note_occasion)
        self._route = route
        self._recipients = tuple(recipients)
        self._interval = interval
        self._ledger = ledger
        self._courier: Courier | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Put the report of `record` into the outbox.

        This waits for nothing, but at the end of the process for its mail.
        """
        try:
            if self._courier is None or not self._courier.is_here:
                storm = Storm(self._interval, Ledger(self._ledger))
                self._courier = Courier(Outbox(storm), self._send)
            self._courier.put(kind_of(record), self.format(record))
        except Exception:  # a handler must not raise
            self.handleError(record)

    def close(self) -> None:
        """Send what is waiting, within bounds. A later record starts anew."""
        self.acquire()
        courier, self._courier = self._courier, None
        self.release()
        if courier:
            courier.close()
        super().close()

    def _send(self, parcel: Parcel, within: float) -> None:
        route = replace(self._route, timeout=min(self._route.timeout, within))
        deliver(compose(parcel, route.host, self._recipients), route)


def mail_handler(config: Mapping[str, Any]) -> MailHandler:
    """Build the handler that the MAIL_ settings and ADMINS describe.

    Nothing is opened, started or looked up before the first error.
    """
    handler = MailHandler(
        Route.from_config(config),
        config["ADMINS"],
        config["MAIL_INTERVAL"],
        config["LOG_DIR"] / LEDGER,
    )
    handler.setFormatter(ReportFormatter(own_secrets(config)))
    return handler


def send_test(config: Mapping[str, Any]) -> str:
    """Send a test mail now, as an error would be; return in one line what happened.

    :raise DeliveryError: with one line, if no mail could be sent.
    """
    if not config["MAIL_SERVER"]:
        raise DeliveryError("MAIL_SERVER is not set")
    if not config["ADMINS"]:
        raise DeliveryError("ADMINS is empty")
    route = Route.from_config(config)
    report = Parcel("This is a test: errors will be reported to this address.\n")
    deliver(compose(report, route.host, config["ADMINS"]), route)
    return f"Sent a test mail to {', '.join(config['ADMINS'])} by {route}."
