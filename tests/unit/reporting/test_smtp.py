"""Delivering one mail to a real mail server: failures, deadlines and TLS."""

import base64
import os
import smtplib
import socket
import threading
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.reporting import smtp
from app.reporting.smtp import DeliveryError, deliver, describe, obstacle
from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import (
    Misbehaviour,
    disconnecting,
    dripping,
    refusing,
    silent,
)
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually
from tests.unit.reporting.conftest import ADMINS

CREDENTIALS = ("susan", "open sesame")

Send = Callable[..., None]


@pytest.fixture
def message() -> EmailMessage:
    """A mail to the administrators."""
    message = EmailMessage()
    message["From"] = "no-reply@localhost"
    message["To"] = ", ".join(ADMINS)
    message.set_content("a report\n")
    return message


@pytest.fixture
def send(config: dict[str, Any], message: EmailMessage) -> Send:
    """A function that sends the message to a mailbox with given settings."""

    def send(mailbox: Mailbox, timeout: float = 5, **settings: Any) -> None:
        to = {"MAIL_SERVER": mailbox.host, "MAIL_PORT": mailbox.port}
        deliver(message, config | to | settings, timeout)

    return send


@pytest.fixture(autouse=True)
def no_system_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without system authorities, whose loading takes 25 ms."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """The path of the authority that issued the good certificate."""
    return str(write_authority(tmp_path))


# -- settings -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "localhost port 25 (no TLS)"),
        ({"MAIL_USE_TLS": True}, "localhost port 25 (STARTTLS)"),
        ({"MAIL_USE_SSL": True, "MAIL_PORT": 465}, "localhost port 465 (TLS)"),
    ],
    ids=["clear", "starttls", "tls"],
)
def test_description(
    config: dict[str, Any], settings: dict[str, Any], words: str
) -> None:
    """A server is described by name, port and encryption."""
    assert describe(config | settings) == words


CLEAR = "localhost port 25 (no TLS): the password would be sent in clear;"


@behaviour("mail.credentials")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, ""),
        ({"MAIL_SERVER": None}, "MAIL_SERVER is not set"),
        ({"ADMINS": []}, "ADMINS is empty"),
        ({"MAIL_USERNAME": "susan"}, CLEAR),
        ({"MAIL_PASSWORD": "cat"}, CLEAR),
        ({"MAIL_PASSWORD": "cat", "MAIL_USE_TLS": True}, ""),
        ({"MAIL_PASSWORD": "cat", "MAIL_USE_SSL": True}, ""),
        ({"MAIL_PASSWORD": "cat", "MAIL_AUTH_WITHOUT_TLS": True}, ""),
    ],
    ids=[
        *("none", "no-server", "no-admins", "name", "password", "starttls", "tls"),
        "allowed",
    ],
)
def test_obstacle(
    config: dict[str, Any], settings: dict[str, Any], reason: str
) -> None:
    """Mail needs a server and administrators, and a password needs TLS."""
    found = obstacle(config | settings)

    assert found.startswith(reason)
    assert bool(found) == bool(reason)


# -- delivery -------------------------------------------------------------------------


@behaviour("mail.error-is-mailed")
def test_delivered(mailbox: Mailbox, send: Send) -> None:
    """A mail arrives once, for all its recipients."""
    send(mailbox)

    mail = mailbox.next()
    assert (mail.sender, mail.recipients) == ("no-reply@localhost", ADMINS)
    assert mail.text == "a report\n"
    assert mailbox.connections == 1


def test_own_name(mailbox: Mailbox, send: Send) -> None:
    """The client introduces itself by its address, without a name server."""
    send(mailbox)

    assert mailbox.in_clear.startswith(b"ehlo [127.0.0.1]\r\n")


@behaviour("mail.failure-is-logged")
@pytest.mark.parametrize(
    ("misbehaviour", "reason"),
    [
        (disconnecting(), "Connection unexpectedly closed"),
        (disconnecting("DATA"), "Connection unexpectedly closed"),
        (
            refusing("554 no service", at="CONNECT"),
            "the server answered 554 no service",
        ),
        (refusing("550 not you", at="MAIL"), "the server answered 550 not you"),
        (refusing("550 not them", at="RCPT"), "550, b'not them'"),
        (refusing("554 spam", at="DATA"), "the server answered 554 spam"),
        (refusing("550-a\r\n550 b", at="MAIL"), "the server answered 550 a b"),
        (refusing("550 \x1b[2Jno", at="MAIL"), "answered 550 \\x1b[2Jno"),
    ],
    ids=[
        *("gone", "gone-late", "closed", "sender", "recipients", "text"),
        *("lines", "terminal"),
    ],
)
def test_failures(send: Send, misbehaviour: Misbehaviour, reason: str) -> None:
    """Each failure of the server is one line with its reason."""
    with Mailbox(misbehaviour=misbehaviour) as mailbox:
        with pytest.raises(DeliveryError) as failure:
            send(mailbox)

        assert str(failure.value).startswith(
            f"localhost port {mailbox.port} (no TLS): "
        )
        assert reason in str(failure.value)
        assert str(failure.value).isprintable()


@behaviour("mail.never-blocks")
@pytest.mark.parametrize(
    "misbehaviour",
    [silent(), silent("DATA"), dripping(0.02), dripping(0.02, at="MAIL")],
    ids=["silent", "silent-late", "dripping", "dripping-late"],
)
def test_deadline(send: Send, misbehaviour: Misbehaviour) -> None:
    """A delivery to a slow server ends and hangs up at its deadline."""
    with Mailbox(misbehaviour=misbehaviour) as mailbox:
        with pytest.raises(DeliveryError, match=r"not done within 0\.05 s"):
            send(mailbox, timeout=0.05)

        eventually(lambda: mailbox.client_left)
        assert mailbox.empty()


@behaviour("mail.never-blocks")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
def test_handshake_has_a_deadline(send: Send, implicit: bool) -> None:
    """A TLS handshake without an answer ends at the deadline."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                if not implicit:
                    connection.sendall(b"220 me\r\n")
                    connection.recv(100)
                    connection.sendall(b"250-me\r\n250 STARTTLS\r\n")
                    connection.recv(100)
                    connection.sendall(b"220 go on\r\n")
                while connection.recv(1000):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        tls = "MAIL_USE_SSL" if implicit else "MAIL_USE_TLS"
        server = Mailbox(refuses=True)
        with server, pytest.raises(DeliveryError, match=r"not done within 0\.05 s"):
            send(server, 0.05, MAIL_PORT=listener.getsockname()[1], **{tls: True})
        thread.join(5)

    assert not thread.is_alive()


@behaviour("mail.never-blocks")
def test_name_server_that_hangs(
    mailbox: Mailbox, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow name lookup is abandoned at the deadline, and nothing is sent later."""
    resolve, over = socket.getaddrinfo, threading.Event()
    resolved: list[Any] = []

    def hang(*arguments: Any) -> Any:
        over.wait(5)
        resolved.append(resolve(*arguments))
        return resolved[0]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(DeliveryError, match=r"not done within 0\.02 s"):
        send(mailbox, timeout=0.02)
    over.set()

    eventually(lambda: mailbox.client_left)
    assert resolved
    assert mailbox.in_clear == b""


def test_next_address(
    mailbox: Mailbox, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that does not answer leaves half of the time for the next one."""
    timeouts: list[float | None] = []

    class Impatient(socket.socket):
        """A socket whose first connection times out."""

        def connect(self, address: Any) -> None:
            """Connect to the mail server, but not at the first attempt."""
            timeouts.append(self.gettimeout())
            if len(timeouts) == 1:
                raise TimeoutError
            super().connect(("127.0.0.1", mailbox.port))

    monkeypatch.setattr(socket, "socket", Impatient)
    both = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))] * 2
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: both)
    send(mailbox, timeout=5)

    assert timeouts == [2.5, 2.5]
    assert mailbox.next().text == "a report\n"


def test_no_thread(
    mailbox: Mailbox, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no thread can start for the lookup, the calling thread delivers."""

    class NoThread:
        """A thread that cannot start."""

        def __init__(self, **_: Any) -> None:
            pass

        def start(self) -> None:
            """Fail."""
            raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading, "Thread", NoThread)
    send(mailbox)
    monkeypatch.undo()

    assert mailbox.next().text == "a report\n"


@pytest.mark.parametrize(
    "misbehaviour",
    [disconnecting("QUIT"), refusing("500 no", at="QUIT"), silent("QUIT")],
    ids=["gone", "no", "silent"],
)
def test_end_of_conversation(send: Send, misbehaviour: Misbehaviour) -> None:
    """A failure after the server has accepted the mail is ignored."""
    with Mailbox(misbehaviour=misbehaviour) as mailbox:
        send(mailbox, timeout=0.5)

        assert mailbox.next().text == "a report\n"


def test_refused_connection(send: Send) -> None:
    """If no server listens, the reason is the refused connection."""
    with (
        Mailbox(refuses=True) as mailbox,
        pytest.raises(DeliveryError, match="ConnectionRefusedError"),
    ):
        send(mailbox)


def test_invalid_host(mailbox: Mailbox, send: Send) -> None:
    """An invalid host name is a failed delivery."""
    # Python 3.14 raises the subclass UnicodeEncodeError.
    reason = r"Unicode(Encode)?Error: .*label.* too long"
    with pytest.raises(DeliveryError, match=reason):
        send(mailbox, MAIL_SERVER="a" * 64)


def test_international_recipient(
    mailbox: Mailbox, send: Send, message: EmailMessage
) -> None:
    """An administrator's address may be non-ASCII if the server allows it."""
    message.replace_header("To", "süsan@example.com")

    send(mailbox)

    assert mailbox.next().recipients == ("süsan@example.com",)


class PickyMailbox(Mailbox):
    """A mail server that knows only the first administrator."""

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Accept the first administrator only."""
        if address != ADMINS[0]:
            return "550 who is that"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_one_recipient_refused(send: Send) -> None:
    """If a recipient is refused, the others get the mail and delivery fails."""
    with PickyMailbox() as mailbox:
        with pytest.raises(DeliveryError, match=r"refused for second@example\.com"):
            send(mailbox)

        assert mailbox.next().recipients == (ADMINS[0],)


# -- TLS and credentials --------------------------------------------------------------


@behaviour("mail.credentials")
def test_no_credentials(mailbox: Mailbox, send: Send) -> None:
    """Without credentials, the client does not authenticate."""
    send(mailbox)

    assert mailbox.next().authenticated is None


@behaviour("mail.tls-table")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
def test_encrypted(send: Send, authority: str, implicit: bool) -> None:
    """With TLS and a valid certificate, the mail is sent inside TLS."""
    with Mailbox(certificate="good", implicit=implicit) as mailbox:
        send(
            mailbox,
            MAIL_USE_TLS=not implicit,
            MAIL_USE_SSL=implicit,
            MAIL_CA_FILE=authority,
        )

        assert mailbox.next().encrypted
        assert b"example.com" not in mailbox.in_clear


@behaviour("mail.tls-table")
def test_authority_of_the_system(
    send: Send, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authorities that SSL_CERT_FILE names are trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", authority)

    with Mailbox(certificate="good") as mailbox:
        send(mailbox, MAIL_USE_TLS=True)

        assert mailbox.next().encrypted


@behaviour("mail.tls-table")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("certificate", ["self-signed", "wrong-host", "expired"])
def test_bad_certificate(
    send: Send, authority: str, certificate: str, implicit: bool
) -> None:
    """A server with a bad certificate gets neither mail nor password."""
    with Mailbox(
        certificate=certificate, implicit=implicit, credentials=CREDENTIALS
    ) as mailbox:
        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
            send(
                mailbox,
                MAIL_USE_TLS=not implicit,
                MAIL_USE_SSL=implicit,
                MAIL_USERNAME="susan",
                MAIL_PASSWORD="open sesame",
                MAIL_CA_FILE=authority,
            )

        assert mailbox.empty()
        assert not mailbox.attempts
        assert b"MAIL" not in mailbox.in_clear.upper()


@behaviour("mail.tls-table")
def test_starttls_not_offered(mailbox: Mailbox, send: Send) -> None:
    """A server that does not offer STARTTLS gets nothing but EHLO."""
    with pytest.raises(DeliveryError, match="STARTTLS extension not supported"):
        send(mailbox, MAIL_USE_TLS=True)

    assert mailbox.in_clear == b"ehlo [127.0.0.1]\r\n"


@behaviour("mail.credentials")
@behaviour("mail.starttls")
def test_authenticates(send: Send, authority: str) -> None:
    """With STARTTLS and credentials, the client authenticates inside TLS."""
    with Mailbox(certificate="good", credentials=CREDENTIALS) as mailbox:
        send(
            mailbox,
            MAIL_USE_TLS=True,
            MAIL_USERNAME="susan",
            MAIL_PASSWORD="open sesame",
            MAIL_CA_FILE=authority,
        )

        assert mailbox.next().authenticated == "susan"
        assert [attempt.encrypted for attempt in mailbox.attempts] == [True]


@behaviour("mail.tls-table")
def test_no_password_in_clear(send: Send) -> None:
    """Without TLS, a client with a password does not even connect."""
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        with pytest.raises(DeliveryError, match="MAIL_AUTH_WITHOUT_TLS"):
            send(mailbox, MAIL_PASSWORD="open sesame")

        assert mailbox.connections == 0


@behaviour("mail.credentials")
@behaviour("mail.well-formed")
@pytest.mark.parametrize(
    "credentials", [CREDENTIALS, ("süsan", "pässwört ☃")], ids=["ascii", "other"]
)
def test_password_in_clear(send: Send, credentials: tuple[str, str]) -> None:
    """MAIL_AUTH_WITHOUT_TLS allows a password in clear, even a non-ASCII one."""
    with Mailbox(credentials=credentials) as mailbox:
        send(
            mailbox,
            MAIL_USERNAME=credentials[0],
            MAIL_PASSWORD=credentials[1],
            MAIL_AUTH_WITHOUT_TLS=True,
        )

        assert mailbox.next().authenticated == credentials[0]


def test_missing_authority(mailbox: Mailbox, send: Send) -> None:
    """A missing MAIL_CA_FILE is reported before a connection is made."""
    with pytest.raises(DeliveryError, match="FileNotFoundError"):
        send(mailbox, MAIL_USE_TLS=True, MAIL_CA_FILE="/nowhere.pem")

    assert mailbox.connections == 0


class ScriptedClient(smtp._Client):
    """A client whose server offers these mechanisms and sends these replies."""

    def __init__(self, config: dict[str, Any], offers: str, *answers: int) -> None:
        super().__init__(config, timeout=5)
        self.helo_resp = b"hello"
        self.does_esmtp = True
        self.esmtp_features = {"auth": offers} if offers else {}
        self._answers = list(answers)
        self.commands: list[str] = []

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Record the command and return the next reply."""
        self.commands.append(f"{cmd} {args}".rstrip())
        return self._answers.pop(0), b""


NewClient = Callable[..., ScriptedClient]


@pytest.fixture
def client(config: dict[str, Any]) -> NewClient:
    """A function that makes a scripted client."""
    return lambda *script: ScriptedClient(config, *script)


def encoded(text: str) -> str:
    """Return the base64 text that SMTP sends."""
    return base64.b64encode(text.encode()).decode()


@behaviour("mail.well-formed")
@pytest.mark.parametrize(
    ("username", "password"), [("süsan", "cat"), ("susan", "cät"), ("süsan", "cät")]
)
def test_auth_plain(client: NewClient, username: str, password: str) -> None:
    """If PLAIN is offered, non-ASCII credentials are sent in UTF-8 at once."""
    server = client("LOGIN PLAIN", 235)

    server._authenticate(username, password)

    plain = encoded(f"\0{username}\0{password}")
    assert server.commands == [f"AUTH PLAIN {plain}"]


@behaviour("mail.well-formed")
def test_auth_login(client: NewClient) -> None:
    """If only LOGIN is offered, non-ASCII credentials are sent in two steps."""
    server = client("login xoauth2", 334, 235)

    server._authenticate("süsan", "cät")

    assert server.commands == [f"AUTH LOGIN {encoded('süsan')}", encoded("cät")]


@pytest.mark.parametrize(
    ("offers", "answers"),
    [("PLAIN", [535]), ("LOGIN", [535]), ("LOGIN", [334, 535])],
    ids=["plain", "login-name", "login-password"],
)
def test_auth_refused(client: NewClient, offers: str, answers: list[int]) -> None:
    """Refused credentials are an error."""
    with pytest.raises(smtplib.SMTPAuthenticationError):
        client(offers, *answers)._authenticate("süsan", "cät")


@pytest.mark.parametrize("offers", ["", "CRAM-MD5"])
def test_auth_not_offered(client: NewClient, offers: str) -> None:
    """If no mechanism allows UTF-8, no credentials are sent."""
    server = client(offers)

    with pytest.raises(smtplib.SMTPNotSupportedError):
        server._authenticate("süsan", "cät")
    assert server.commands == []
