"""Signing in to mail servers that offer different ways."""

import base64
import smtplib

import pytest

from app.reporting.authentication import authenticate
from tests.harness.plugin.behaviour import behaviour

NUL = "\0"


class Server(smtplib.SMTP):
    """A greeted server that answers from a script, and keeps what it was told."""

    def __init__(self, offers: str, *answers: int) -> None:
        super().__init__(local_hostname="localhost")
        self.helo_resp = b"hello"
        self.does_esmtp = True
        self.esmtp_features = {"auth": offers} if offers else {}
        self._answers = list(answers)
        self.told: list[str] = []

    def docmd(self, cmd: str, args: str = "") -> tuple[int, bytes]:
        """Keep the command, and answer."""
        self.told.append(f"{cmd} {args}".rstrip())
        return self._answers.pop(0), b""


def encoded(text: str) -> str:
    """The text as SMTP sends it."""
    return base64.b64encode(text.encode()).decode()


@behaviour("mail.credentials")
def test_ascii() -> None:
    """Credentials in ASCII go the way that smtplib knows."""
    server = Server("PLAIN", 235)

    authenticate(server, "susan", "cat")

    assert server.told == [f"AUTH PLAIN {encoded(f'{NUL}susan{NUL}cat')}"]


@behaviour("mail.well-formed")
@pytest.mark.parametrize(
    ("username", "password"), [("süsan", "cat"), ("susan", "cät"), ("süsan", "cät")]
)
def test_plain(username: str, password: str) -> None:
    """Where PLAIN is offered, other credentials go in UTF-8 in one piece."""
    server = Server("LOGIN PLAIN", 235)

    authenticate(server, username, password)

    assert server.told == [f"AUTH PLAIN {encoded(f'{NUL}{username}{NUL}{password}')}"]


@behaviour("mail.well-formed")
def test_login() -> None:
    """Where only LOGIN is offered, they go in UTF-8 one after the other."""
    server = Server("login xoauth2", 334, 235)

    authenticate(server, "süsan", "cät")

    assert server.told == [f"AUTH LOGIN {encoded('süsan')}", encoded("cät")]


@pytest.mark.parametrize(
    ("offers", "answers"),
    [("PLAIN", [535]), ("LOGIN", [535]), ("LOGIN", [334, 535])],
    ids=["plain", "login-name", "login-password"],
)
def test_refused(offers: str, answers: list[int]) -> None:
    """A refusal is an error."""
    with pytest.raises(smtplib.SMTPAuthenticationError):
        authenticate(Server(offers, *answers), "süsan", "cät")


@pytest.mark.parametrize("offers", ["", "CRAM-MD5"])
def test_nothing_fits(offers: str) -> None:
    """Without a way that takes UTF-8, signing in fails before anything is said."""
    server = Server(offers)

    with pytest.raises(smtplib.SMTPNotSupportedError):
        authenticate(server, "süsan", "cät")
    assert server.told == []
