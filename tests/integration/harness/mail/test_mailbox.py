"""The administrators' mail server, asked by a real client."""

import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Attempt
from tests.harness.waiting import DeadlineExceeded, eventually
from tests.integration.harness.mail.smtp_client import (
    ADMINS,
    MESSAGE,
    SENDER,
    Client,
    trusting,
)

SUSAN = ("susan", "pässword")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A running mailbox."""
    with Mailbox() as mailbox:
        yield mailbox


def sign_in(client: Client, username: str, password: str) -> None:
    """Sign in as UTF-8, which smtplib itself cannot."""
    client.ehlo()
    plain = b"\0".join([b"", username.encode(), password.encode()])
    code, reply = client.docmd("AUTH PLAIN", b64encode(plain).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)


def test_mail(mailbox: Mailbox) -> None:
    """A mail is kept with its envelope, byte for byte."""
    with Client(mailbox) as client:
        client.deliver()
    mail = mailbox.next()

    assert (mail.sender, mail.recipients) == (SENDER, tuple(ADMINS))
    assert mail.content == MESSAGE
    assert (mail.encrypted, mail.authenticated) == (False, None)


def test_mails_in_order(mailbox: Mailbox) -> None:
    """Mails come out in the order in which they came in."""
    with Client(mailbox) as client:
        for number in range(3):
            client.sendmail(SENDER, ADMINS, f"Subject: {number}\r\n\r\n")

    assert [mail.subject for mail in mailbox.drain()] == ["0", "1", "2"]
    assert mailbox.empty()


def test_wait_for_a_mail_in_vain(mailbox: Mailbox) -> None:
    """A mail that does not come in time is told so."""
    with pytest.raises(DeadlineExceeded, match=r"no mail came within 0\.01 s"):
        mailbox.next(within=0.01)


def test_settings(mailbox: Mailbox) -> None:
    """The settings lead to the mailbox."""
    assert mailbox.settings == {
        "MAIL_SERVER": "localhost",
        "MAIL_PORT": str(mailbox.port),
    }


def test_connections(mailbox: Mailbox) -> None:
    """Connections are counted, whatever comes of them."""
    for _ in range(2):
        Client(mailbox).close()

    assert mailbox.connections == 2


def test_in_clear(mailbox: Mailbox) -> None:
    """What is sent outside TLS is kept to be looked through."""
    with Client(mailbox) as client:
        client.deliver()

    assert b"It broke." in mailbox.in_clear


def test_clear(mailbox: Mailbox) -> None:
    """A cleared mailbox has forgotten everything."""
    with Client(mailbox) as client:
        client.deliver()

    mailbox.clear()

    assert (mailbox.drain(), list(mailbox.attempts)) == ([], [])
    assert (mailbox.in_clear, mailbox.in_tls) == (b"", b"")


def test_no_tls(mailbox: Mailbox) -> None:
    """A mailbox without a certificate offers no STARTTLS."""
    with Client(mailbox) as client:
        client.ehlo()
        assert not client.has_extn("starttls")


def test_starttls(tmp_path: Path) -> None:
    """After STARTTLS nothing is in clear any more."""
    with Mailbox(certificate="good") as mailbox, Client(mailbox) as client:
        client.starttls(context=trusting(tmp_path))
        client.deliver()

        assert mailbox.next().encrypted
        assert mailbox.in_clear == b"ehlo client.localhost\r\nSTARTTLS\r\n"
        started = mailbox.in_tls.lower()  # Python 3.13 writes "mail from:"
        assert started.startswith(b"ehlo client.localhost\r\nmail from:")


@pytest.mark.parametrize("kind", ["self-signed", "expired"])
def test_bad_certificate(tmp_path: Path, kind: str) -> None:
    """A client that verifies does not go on with a bad certificate."""
    with (
        Mailbox(certificate=kind) as mailbox,
        Client(mailbox) as client,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        client.starttls(context=trusting(tmp_path))


def test_implicit_tls(tmp_path: Path) -> None:
    """With implicit TLS there is nothing in clear at all."""
    with (
        Mailbox(certificate="good", implicit=True) as mailbox,
        socket.create_connection(("127.0.0.1", mailbox.port), 5) as plain,
        trusting(tmp_path).wrap_socket(plain) as encrypted,
    ):
        encrypted.settimeout(5)
        assert encrypted.recv(1024).startswith(b"220 mail.localhost")
        encrypted.sendall(b"NOOP\r\n")
        assert encrypted.recv(1024).startswith(b"250")
        assert mailbox.in_clear == b""


def test_nobody_to_sign_in_as(mailbox: Mailbox) -> None:
    """Without credentials a mailbox does not offer to sign in."""
    with Client(mailbox) as client:
        client.ehlo()
        assert not client.has_extn("auth")


def test_credentials() -> None:
    """Who has signed in may send, and the mail tells who that was."""
    with Mailbox(credentials=SUSAN) as mailbox, Client(mailbox) as client:
        sign_in(client, *SUSAN)
        client.deliver()

        assert mailbox.next().authenticated == "susan"
        assert list(mailbox.attempts) == [Attempt(*SUSAN, False, accepted=True)]


def test_wrong_credentials() -> None:
    """A wrong password is refused, and kept to be looked at."""
    with Mailbox(credentials=SUSAN) as mailbox, Client(mailbox) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            sign_in(client, "susan", "wrong")

        assert list(mailbox.attempts) == [
            Attempt("susan", "wrong", False, accepted=False)
        ]


def test_missing_credentials() -> None:
    """Who has not signed in where that is asked may not send."""
    with (
        Mailbox(credentials=SUSAN) as mailbox,
        Client(mailbox) as client,
        pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"),
    ):
        client.deliver()


def test_refused_connections() -> None:
    """Nobody listens at all where a mailbox is said to refuse."""
    with Mailbox(refuses=True) as mailbox, pytest.raises(ConnectionRefusedError):
        Client(mailbox)


def test_closed() -> None:
    """A closed mailbox cuts its connections and listens no more."""
    with Mailbox() as mailbox:
        client = Client(mailbox)
    with client, pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()

    with pytest.raises(ConnectionRefusedError):
        Client(mailbox)


def test_client_that_leaves(mailbox: Mailbox) -> None:
    """A client that leaves in the middle leaves no mail."""
    client = Client(mailbox)
    client.ehlo()
    client.close()

    eventually(lambda: mailbox.connections == 1)
    assert mailbox.empty()
