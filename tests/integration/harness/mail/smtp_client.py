"""An SMTP client that sends a mail to a mailbox."""

import smtplib
import ssl
from pathlib import Path

from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox

SENDER = "no-reply@localhost"
ADMINS = ["one@example.com", "two@example.com"]
MESSAGE = b"Subject: Failure\r\n\r\nIt broke.\r\n"


class Client(smtplib.SMTP):
    """A client that connects by address and needs no name resolution."""

    def __init__(self, mailbox: Mailbox, timeout: float = 5.0) -> None:
        super().__init__("127.0.0.1", mailbox.port, "client.localhost", timeout)

    def deliver(self) -> None:
        """Send the message to the administrators."""
        self.sendmail(SENDER, ADMINS, MESSAGE)


def trusting(folder: Path) -> ssl.SSLContext:
    """Return a context that trusts the harness's authority."""
    context = ssl.create_default_context(cafile=str(write_authority(folder)))
    context.check_hostname = False  # the client connects by address
    return context
