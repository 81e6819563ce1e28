"""The administrators' mail server, used by a real client."""

import smtplib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import SignInAttempt
from tests.harness.waiting import DeadlineExceeded, eventually
from tests.integration.harness.mail.smtp_client import Client, trusting

SUSAN = ("susan", "pässword")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A running mailbox."""
    with Mailbox() as mailbox:
        yield mailbox


def sign_in(client: Client, username: str, password: str) -> None:
    """Sign in with credentials in UTF-8, which smtplib itself does not support."""
    client.ehlo()
    plain = b"\0".join([b"", username.encode(), password.encode()])
    code, reply = client.docmd("AUTH PLAIN", b64encode(plain).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)


def test_mail_that_does_not_come(mailbox: Mailbox) -> None:
    """Waiting for a mail fails at the deadline."""
    with pytest.raises(DeadlineExceeded, match=r"no mail came within 0\.01 s"):
        mailbox.next(within=0.01)


def test_bytes_in_clear(tmp_path: Path) -> None:
    """Bytes that a client sends before and after STARTTLS are recorded separately."""
    with Mailbox(certificate="good") as mailbox, Client(mailbox) as client:
        client.starttls(context=trusting(tmp_path))
        client.deliver()

        assert mailbox.next().encrypted
        assert mailbox.in_clear == b"ehlo client.localhost\r\nSTARTTLS\r\n"
        encrypted = mailbox.in_tls.lower()  # Python 3.13 writes "mail from:"
        assert encrypted.startswith(b"ehlo client.localhost\r\nmail from:")


def test_no_credentials(mailbox: Mailbox) -> None:
    """A mailbox without credentials offers neither AUTH nor STARTTLS."""
    with Client(mailbox) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert not client.has_extn("starttls")


def test_credentials() -> None:
    """A mail has the username that its client signed in with."""
    with Mailbox(credentials=SUSAN) as mailbox, Client(mailbox) as client:
        sign_in(client, *SUSAN)
        client.deliver()

        assert mailbox.next().authenticated == "susan"
        assert list(mailbox.attempts) == [SignInAttempt(*SUSAN, False, accepted=True)]


def test_wrong_password() -> None:
    """A wrong password is refused and recorded."""
    with Mailbox(credentials=SUSAN) as mailbox, Client(mailbox) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            sign_in(client, "susan", "wrong")

        assert list(mailbox.attempts) == [
            SignInAttempt("susan", "wrong", False, accepted=False)
        ]


def test_client_that_does_not_sign_in() -> None:
    """A mailbox with credentials refuses mails of clients that have not signed in."""
    with (
        Mailbox(credentials=SUSAN) as mailbox,
        Client(mailbox) as client,
        pytest.raises(smtplib.SMTPSenderRefused, match="Authentication required"),
    ):
        client.deliver()


def test_closed_mailbox() -> None:
    """A closed mailbox has closed its connections and its port."""
    with Mailbox() as mailbox:
        client = Client(mailbox)
    with client, pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()

    with pytest.raises(ConnectionRefusedError):
        Client(mailbox)


def test_client_that_leaves(mailbox: Mailbox) -> None:
    """A client that leaves before it has sent a mail leaves no mail."""
    client = Client(mailbox)
    client.ehlo()
    client.close()

    eventually(lambda: mailbox.client_left)
    assert mailbox.empty()
