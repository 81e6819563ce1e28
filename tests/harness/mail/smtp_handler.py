"""What the mail server says to its clients, command by command."""

import queue
from collections.abc import Callable
from typing import Any

from tests.harness.mail.message import Mail
from tests.harness.mail.smtp_protocol import SMTPProtocol


class SMTPHandler:
    """Takes mails in; aiosmtpd calls it, in the server's thread."""

    def __init__(self, credentials: tuple[str, str] | None) -> None:
        self._credentials = credentials
        self._arrived: queue.Queue[Mail] = queue.Queue()
        #: Is told of each mail as it comes.
        self.on_mail: Callable[[Mail], object] = lambda mail: None

    async def handle_EHLO(
        self,
        server: SMTPProtocol,
        session: Any,
        envelope: Any,
        name: str,
        lines: list[str],
    ) -> list[str]:
        """Offer to sign in only where there is somebody to sign in as."""
        session.host_name = name
        return [
            line for line in lines if self._credentials or "AUTH" not in line.split()[0]
        ]

    async def handle_MAIL(
        self,
        server: SMTPProtocol,
        session: Any,
        envelope: Any,
        address: str,
        options: list[str],
    ) -> str:
        """Take a sender, if he has signed in where that is asked."""
        if self._credentials and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self,
        server: SMTPProtocol,
        session: Any,
        envelope: Any,
        address: str,
        options: list[str],
    ) -> str:
        """Take a recipient, unless his sender is told that he was not taken."""
        if not server.breaks_next():
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTPProtocol, session: Any, envelope: Any
    ) -> str:
        """Keep a mail, unless its sender is told that it was not taken."""
        if server.breaks_next():
            return "250 OK"  # replaced by the misbehaviour on its way
        mail = Mail(
            sender=envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            content=envelope.original_content,
            encrypted=server.encrypted,
            authenticated=getattr(session, "user", None),
        )
        self.on_mail(mail)
        self._arrived.put(mail)
        return "250 OK"
