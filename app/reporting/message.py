"""What a mail about an error says."""

import codecs
import functools
import logging
import platform
from collections.abc import Iterable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from importlib.metadata import version

from .lines import LineFormatter, one_line
from .occasion import occasion_of
from .outbox import Parcel

SUBJECT = "Microblog Failure"

# Bodies in seven bits: a server need not take more.
_POLICY = SMTP.clone(cte_type="7bit")

# At its first use a codec is imported, and here that would be in the thread that mails.
# A process that is forked meanwhile, as by gunicorn --preload, has no such thread and
# waits for its import for ever: so does each request in it, as its Host is encoded too.
for _codec in ("ascii", "idna", "punycode"):
    codecs.lookup(_codec)


class ReportFormatter(LineFormatter):
    """Formats a record as a mail's report: context, message, stack trace."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets`: spellings of the application's own that no report may show."""
        super().__init__("%(message)s [in %(pathname)s:%(lineno)d]", secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the report's text."""
        context = {
            "Time": self.formatTime(record),
            "Logger": f"{record.name} ({record.levelname})",
        }
        occasion = occasion_of(record)
        if occasion:
            # Only these are what a request says of itself: to hide what it carried in
            # the others, too, would let a visitor take them out.
            asked = f"{occasion.method} {occasion.address}"
            user = occasion.user or "anonymous"
            context |= {
                "Request": self.redacted(record, asked),
                "User": self.redacted(record, user),
                "From": occasion.remote or "unknown",
                "Reference": occasion.reference,
            }
        context["Versions"] = versions()
        lines = [f"{name + ':':<11}{value}" for name, value in context.items()]
        head = "\n".join(map(one_line, lines))
        return f"{head}\n\n{super().format(record)}\n"


@functools.cache
def versions() -> str:
    """Return the versions of what the application stands on, in one line."""
    names = ["Flask", "Werkzeug", "SQLAlchemy"]
    return ", ".join(
        [f"Python {platform.python_version()}", *(f"{n} {version(n)}" for n in names)]
    )


def compose(parcel: Parcel, server: str, recipients: Iterable[str]) -> EmailMessage:
    """Return the mail, from no-reply at the mail server's name, to all `recipients`."""
    domain = f"[IPv6:{server}]" if ":" in server else server.encode("idna").decode()
    message = EmailMessage(_POLICY)
    message["From"] = Address(username="no-reply", domain=domain)
    message["To"] = ", ".join(recipients)
    message["Subject"] = SUBJECT
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=domain)
    # RFC 3834: no holiday notes in reply.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_held_back(parcel) + parcel.report)
    return message


def _held_back(parcel: Parcel) -> str:
    if not parcel.held:
        return ""
    which = "; this is the latest of them" if parcel.latest else ""
    return f"Held back: {parcel.held} like this since the last mail{which}\n"
