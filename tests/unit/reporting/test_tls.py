"""What is encrypted, who is believed, and who learns a password."""

import os
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.reporting.transport import DeliveryError, deliver
from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import route_to

CREDENTIALS = ("susan", "open sesame")


@pytest.fixture(autouse=True)
def no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the system's authorities: they know none of these servers, and to read
    them takes 25 ms."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)


@pytest.fixture
def authority(tmp_path: Path) -> str:
    """The file of the authority that the good certificate is from."""
    return str(write_authority(tmp_path))


@behaviour("mail.credentials")
def test_no_credentials(mailbox: Mailbox, message: EmailMessage) -> None:
    """Without credentials nobody signs in."""
    deliver(message, route_to(mailbox))

    assert mailbox.next().authenticated is None


@behaviour("mail.tls-table")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
def test_encrypted(message: EmailMessage, authority: str, implicit: bool) -> None:
    """With TLS and a good certificate, the mail comes inside TLS."""
    with Mailbox(certificate="good", implicit=implicit) as mailbox:
        deliver(
            message,
            route_to(
                mailbox,
                starttls=not implicit,
                implicit_tls=implicit,
                ca_file=authority,
            ),
        )

        assert mailbox.next().encrypted
        assert b"example.com" not in mailbox.in_clear


@behaviour("mail.tls-table")
def test_authority_of_the_system(
    message: EmailMessage, authority: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authorities that SSL_CERT_FILE names are trusted as well."""
    monkeypatch.setenv("SSL_CERT_FILE", authority)

    with Mailbox(certificate="good") as mailbox:
        deliver(message, route_to(mailbox, starttls=True))

        assert mailbox.next().encrypted


@behaviour("mail.tls-table")
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "implicit"])
@pytest.mark.parametrize("certificate", ["self-signed", "wrong-host", "expired"])
def test_bad_certificate(
    message: EmailMessage, authority: str, certificate: str, implicit: bool
) -> None:
    """A server that cannot prove who it is gets neither mail nor password."""
    with Mailbox(
        certificate=certificate, implicit=implicit, credentials=CREDENTIALS
    ) as mailbox:
        way = route_to(
            mailbox,
            starttls=not implicit,
            implicit_tls=implicit,
            username="susan",
            password="open sesame",
            ca_file=authority,
        )

        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED"):
            deliver(message, way)

        assert mailbox.empty()
        assert not mailbox.attempts
        assert b"MAIL" not in mailbox.in_clear.upper()


@behaviour("mail.tls-table")
def test_starttls_not_offered(mailbox: Mailbox, message: EmailMessage) -> None:
    """A server that offers no STARTTLS gets nothing but a greeting."""
    with pytest.raises(DeliveryError, match="STARTTLS extension not supported"):
        deliver(message, route_to(mailbox, starttls=True))

    assert mailbox.in_clear == b"ehlo [127.0.0.1]\r\n"


@behaviour("mail.credentials")
@behaviour("mail.starttls")
def test_signs_in(message: EmailMessage, authority: str) -> None:
    """With STARTTLS and credentials, the client signs in inside TLS."""
    with Mailbox(certificate="good", credentials=CREDENTIALS) as mailbox:
        deliver(
            message,
            route_to(
                mailbox,
                starttls=True,
                username="susan",
                password="open sesame",
                ca_file=authority,
            ),
        )

        assert mailbox.next().authenticated == "susan"
        assert [attempt.encrypted for attempt in mailbox.attempts] == [True]


@behaviour("mail.tls-table")
def test_no_password_in_clear(message: EmailMessage) -> None:
    """Without TLS, credentials are not used, and not even a connection is made."""
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        with pytest.raises(DeliveryError, match="MAIL_AUTH_WITHOUT_TLS"):
            deliver(message, route_to(mailbox, password="open sesame"))

        assert mailbox.connections == 0


@behaviour("mail.credentials")
def test_password_in_clear_on_demand(message: EmailMessage) -> None:
    """A setting allows to sign in without TLS."""
    username, password = CREDENTIALS
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        way = route_to(mailbox, username=username, password=password)
        deliver(message, replace(way, auth_without_tls=True))

        assert mailbox.next().authenticated == "susan"


@behaviour("mail.well-formed")
def test_credentials_beyond_ascii(message: EmailMessage) -> None:
    """A password may have any character."""
    with Mailbox(credentials=("süsan", "pässwört ☃")) as mailbox:
        deliver(
            message,
            route_to(
                mailbox,
                username="süsan",
                password="pässwört ☃",
                auth_without_tls=True,
            ),
        )

        assert mailbox.next().authenticated == "süsan"


def test_missing_authority(mailbox: Mailbox, message: EmailMessage) -> None:
    """An authority that is not there is told before anything is opened."""
    with pytest.raises(DeliveryError, match="FileNotFoundError"):
        deliver(message, route_to(mailbox, starttls=True, ca_file="/nowhere.pem"))

    assert mailbox.connections == 0
