"""The administrators' mail server, which records what it receives."""

import queue
import threading
from collections import deque
from collections.abc import Mapping
from ssl import SSLContext
from typing import Any, Self

from aiosmtpd.smtp import AuthResult

from tests.harness.mail.certificates import server_context
from tests.harness.mail.message import Mail, SignInAttempt
from tests.harness.mail.misbehaviour import Misbehaviour
from tests.harness.mail.smtp_handler import SMTPHandler
from tests.harness.mail.smtp_protocol import SMTPProtocol
from tests.harness.mail.smtp_server import ClosedPort, SMTPServer
from tests.harness.waiting import DEADLINE, DeadlineExceeded


class Mailbox(SMTPHandler):
    """A mail server in this process; a context manager.

    Args:
        certificate: Offer TLS with a certificate of this kind (see
            `tests.harness.mail.certificates.KINDS`) or with this context.
        implicit: Use TLS from the first byte in place of STARTTLS.
        credentials: Require this username and password.
        misbehaviour: How to fail the clients.
        refuses: Refuse all connections.
    """

    host = "localhost"

    def __init__(
        self,
        *,
        certificate: str | SSLContext | None = None,
        implicit: bool = False,
        credentials: tuple[str, str] | None = None,
        misbehaviour: Misbehaviour | None = None,
        refuses: bool = False,
    ) -> None:
        super().__init__(credentials)
        tls = (
            server_context(certificate) if isinstance(certificate, str) else certificate
        )
        self._starttls = None if implicit else tls
        self._misbehaviour = misbehaviour
        self._latest: SMTPProtocol | None = None
        self._lock = threading.Lock()
        self._received = {False: bytearray(), True: bytearray()}  # by: over TLS?
        self.attempts: deque[SignInAttempt] = deque()
        self.connections = 0
        self._server = (
            ClosedPort()
            if refuses
            else SMTPServer(self._protocol, tls if implicit else None)
        )

    @property
    def port(self) -> int:
        """The port, a free one."""
        return self._server.port

    @property
    def settings(self) -> Mapping[str, str]:
        """The chapter's settings that send mails here."""
        return {"MAIL_SERVER": self.host, "MAIL_PORT": str(self.port)}

    @property
    def in_clear(self) -> bytes:
        """All bytes that clients sent without TLS."""
        return self._bytes(encrypted=False)

    @property
    def in_tls(self) -> bytes:
        """All bytes that clients sent over TLS."""
        return self._bytes(encrypted=True)

    def _bytes(self, *, encrypted: bool) -> bytes:
        with self._lock:
            return bytes(self._received[encrypted])

    def misbehave(self, misbehaviour: Misbehaviour | None) -> None:
        """Misbehave from the next connection on, or stop misbehaving."""
        self._misbehaviour = misbehaviour
        self._latest = None

    @property
    def misbehaved(self) -> bool:
        """Whether the latest connection has got as far as the misbehaviour."""
        return self._latest is not None and self._latest.misbehaved

    @property
    def client_left(self) -> bool:
        """Whether the client of the latest connection has left."""
        return self._latest is not None and self._latest.client_left

    def next(self, within: float = DEADLINE) -> Mail:
        """Wait up to *within* seconds for the next mail and return it."""
        try:
            return self._arrived.get(timeout=within)
        except queue.Empty:
            raise DeadlineExceeded(f"no mail came within {within:g} s") from None

    def drain(self) -> list[Mail]:
        """Return the mails that have arrived, without waiting."""
        mails = []
        while not self._arrived.empty():
            mails.append(self._arrived.get_nowait())
        return mails

    def empty(self) -> bool:
        """Return whether no mail is here; `Site.mails` proves that none will come."""
        return self._arrived.empty()

    def clear(self) -> None:
        """Forget everything received so far."""
        self.drain()
        self.attempts.clear()
        with self._lock:
            for received in self._received.values():
                received.clear()

    def close(self) -> None:
        """Stop the server."""
        self._server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- called by aiosmtpd, in the server's thread ------------------------------

    def _protocol(self) -> SMTPProtocol:
        self.connections += 1
        self._latest = SMTPProtocol(
            self,
            misbehaviour=self._misbehaviour,
            received=self._record,
            hostname="mail.localhost",
            tls_context=self._starttls,
            authenticator=self._authenticate,
            auth_require_tls=False,  # to detect clients that send passwords in clear
            enable_SMTPUTF8=True,
        )
        return self._latest

    def _record(self, data: bytes, encrypted: bool) -> None:
        with self._lock:
            self._received[encrypted] += data

    def _authenticate(
        self,
        server: SMTPProtocol,
        session: Any,
        envelope: Any,
        mechanism: str,
        data: Any,
    ) -> AuthResult:
        username, password = data.login.decode(), data.password.decode()
        accepted = (username, password) == self._credentials
        self.attempts.append(
            SignInAttempt(username, password, server.encrypted, accepted=accepted)
        )
        session.user = username if accepted else None
        return AuthResult(success=accepted, handled=False)
