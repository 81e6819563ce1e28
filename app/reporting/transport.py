"""One mail to one server over SMTP: in time, encrypted as asked, or not at all."""

import contextlib
import smtplib
import ssl
from email.message import EmailMessage

from .authentication import authenticate
from .deadline import Deadline, TimedSocket, TimedTLSSocket, connect, encrypt
from .lines import one_line
from .lookup import look_up
from .route import Route


class DeliveryError(OSError):
    """A mail was not delivered; the message is one line that says why."""


def deliver(message: EmailMessage, route: Route) -> None:
    """Hand `message` to the server, for all its recipients at once.

    :raise DeliveryError: if the server did not take it for every one of them.
    """
    if route.authenticates and not route.encrypts and not route.auth_without_tls:
        raise DeliveryError(
            f"{route}: the password would be sent in clear;"
            " set MAIL_USE_TLS or MAIL_USE_SSL, or else MAIL_AUTH_WITHOUT_TLS"
        )
    deadline = Deadline(route.timeout)
    try:
        with contextlib.closing(_Conversation(route, deadline)) as server:
            server.introduce()
            refused = server.send_message(message)
            # The server has the mail: how the conversation ends changes nothing.
            with contextlib.suppress(OSError):
                server.quit()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors too
        over = f"not done within {route.timeout:g} s"
        reason = over if deadline.is_over else _reason(error)
        raise DeliveryError(f"{route}: {reason}") from error
    if refused:
        raise DeliveryError(f"{route}: refused for {', '.join(sorted(refused))}")


def _reason(error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        reason = f"the server answered {error.smtp_code} {text}"
    # An answer may have several lines, and whatever the server puts into them.
    return one_line(" ".join(reason.split()))


def _tls_context(route: Route) -> ssl.SSLContext:
    """Return what decides whom to trust."""
    context = ssl.create_default_context()  # honours SSL_CERT_FILE
    context.sslsocket_class = TimedTLSSocket
    if route.ca_file:
        context.load_verify_locations(route.ca_file)
    return context


class _Conversation(smtplib.SMTP):
    """smtplib's client, with a deadline, verified TLS and credentials in UTF-8."""

    def __init__(self, route: Route, deadline: Deadline) -> None:
        self._route = route
        self._deadline = deadline
        # Only where needed, as it reads many files; before anything is opened.
        self._context = _tls_context(route) if route.encrypts else None
        # Not asked for a name, smtplib would look this machine's up in the DNS.
        super().__init__(route.host, route.port, local_hostname="localhost")

    def _get_socket(
        self, host: str, port: int, timeout: float
    ) -> TimedSocket | TimedTLSSocket:
        addresses = look_up(host, port, self._deadline)
        connection = connect(addresses, self._deadline)
        if self._context and self._route.implicit_tls:
            return encrypt(connection, self._context, host)
        return connection

    def introduce(self) -> None:
        """Say who is there, encrypt and authenticate, as far as the route says so."""
        assert self.sock
        address = self.sock.getsockname()[0]
        self.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
        if self._context and self._route.starttls:
            self.starttls(context=self._context)
            assert isinstance(self.sock, TimedTLSSocket)
            self.sock.deadline = self._deadline
        self.ehlo_or_helo_if_needed()
        if self._route.authenticates:
            authenticate(self, self._route.username, self._route.password)
