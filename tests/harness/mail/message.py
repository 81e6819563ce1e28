"""What arrived at a mail server."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True)
class Mail:
    """One mail as it arrived: the envelope, and the message inside."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: Whether it came inside TLS.
    encrypted: bool
    #: The user name that had signed in, None if nobody had.
    authenticated: str | None

    @property
    def message(self) -> EmailMessage:
        """The message, decoded."""
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        """The subject, "" if there is none."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The plain text, line breaks as Python writes them."""
        body = self.message.get_body(preferencelist=("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True)
class Attempt:
    """Somebody tried to sign in to the mail server."""

    username: str
    password: str
    encrypted: bool
    accepted: bool
