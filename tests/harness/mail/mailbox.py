"""The administrators' mail server: what an implementation sent, and how."""

import queue
import threading
from collections import deque
from collections.abc import Mapping
from ssl import SSLContext
from typing import Any, Self

from aiosmtpd.smtp import AuthResult

from tests.harness.mail.certificates import server_context
from tests.harness.mail.message import Attempt, Mail
from tests.harness.mail.misbehaviour import Misbehaviour
from tests.harness.mail.smtp_handler import SMTPHandler
from tests.harness.mail.smtp_protocol import SMTPProtocol
from tests.harness.mail.smtp_server import ClosedPort, SMTPServer
from tests.harness.waiting import DEADLINE, DeadlineExceeded


class Mailbox(SMTPHandler):
    """
    A mail server in this process; a context manager.

    :param certificate: offer TLS with a certificate of this kind
        (:data:`.certificates.KINDS`) or with this context; None: no TLS
    :param implicit: TLS from the first byte, in place of STARTTLS
    :param credentials: ask for this user name and password; None: for none
    :param misbehaviour: how it fails its clients
    :param refuses: nobody listens at all
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
        self._heard = {False: bytearray(), True: bytearray()}  # by: is it encrypted?
        self.attempts: deque[Attempt] = deque()
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
        """The chapter's settings that lead here."""
        return {"MAIL_SERVER": self.host, "MAIL_PORT": str(self.port)}

    @property
    def in_clear(self) -> bytes:
        """Every byte that clients sent outside TLS."""
        return self._said(encrypted=False)

    @property
    def in_tls(self) -> bytes:
        """Every byte that clients sent inside TLS."""
        return self._said(encrypted=True)

    def _said(self, *, encrypted: bool) -> bytes:
        with self._lock:
            return bytes(self._heard[encrypted])

    def misbehave(self, misbehaviour: Misbehaviour | None) -> None:
        """Misbehave like this from the next connection on; None: not at all."""
        self._misbehaviour = misbehaviour
        self._latest = None

    @property
    def misbehaved(self) -> bool:
        """Whether the latest connection has got to where it is misbehaved."""
        return self._latest is not None and self._latest.misbehaved

    @property
    def client_left(self) -> bool:
        """Whether the latest client has left."""
        return self._latest is not None and self._latest.client_left

    def next(self, within: float = DEADLINE) -> Mail:
        """Return the next mail, waiting for it."""
        try:
            return self._arrived.get(timeout=within)
        except queue.Empty:
            raise DeadlineExceeded(f"no mail came within {within:g} s") from None

    def drain(self) -> list[Mail]:
        """Return the mails that are here, without waiting."""
        mails = []
        while not self._arrived.empty():
            mails.append(self._arrived.get_nowait())
        return mails

    def empty(self) -> bool:
        """Tell whether no mail is here now; see Site.mails for "none came"."""
        return self._arrived.empty()

    def clear(self) -> None:
        """Forget everything received so far."""
        self.drain()
        self.attempts.clear()
        with self._lock:
            for heard in self._heard.values():
                heard.clear()

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
            auth_require_tls=False,  # to see who would tell a password in clear
            enable_SMTPUTF8=True,
        )
        return self._latest

    def _record(self, data: bytes, encrypted: bool) -> None:
        with self._lock:
            self._heard[encrypted] += data

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
            Attempt(username, password, server.encrypted, accepted=accepted)
        )
        session.user = username if accepted else None
        return AuthResult(success=accepted, handled=False)
