"""A mail that the mail server received, and an attempt to sign in to it."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True)
class Mail:
    """A received mail: the envelope, and the message inside."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    #: Whether it came over TLS.
    encrypted: bool
    #: The username that the client signed in with, None without a sign-in.
    authenticated: str | None

    @property
    def message(self) -> EmailMessage:
        """The parsed message."""
        message = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        """The subject, "" if there is none."""
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        """The plain text with line breaks as ``\\n``."""
        body = self.message.get_body(preferencelist=("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


@dataclass(frozen=True)
class SignInAttempt:
    """A client's attempt to sign in to the mail server."""

    username: str
    password: str
    encrypted: bool
    accepted: bool
