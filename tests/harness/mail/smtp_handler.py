"""The replies of the mail server to its clients' commands."""

import queue
from collections.abc import Callable
from typing import Any

from tests.harness.mail.message import Mail
from tests.harness.mail.smtp_protocol import SMTPProtocol


class SMTPHandler:
    """A handler that queues mails; aiosmtpd calls it in the server's thread."""

    def __init__(self, credentials: tuple[str, str] | None) -> None:
        self._credentials = credentials
        self._arrived: queue.Queue[Mail] = queue.Queue()
        #: Is called with each mail when it arrives.
        self.on_mail: Callable[[Mail], object] = lambda mail: None

    async def handle_EHLO(
        self,
        server: SMTPProtocol,
        session: Any,
        envelope: Any,
        name: str,
        lines: list[str],
    ) -> list[str]:
        """Offer AUTH only if there are credentials."""
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
        """Accept a sender who has signed in, where there are credentials."""
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
        """Accept a recipient, unless the client will not get the reply."""
        if not server.breaks_next_reply():
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTPProtocol, session: Any, envelope: Any
    ) -> str:
        """Queue a mail, unless the client will not get the reply."""
        if server.breaks_next_reply():
            return "250 OK"  # which the misbehaviour replaces
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
