"""What a mail about an error says."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from importlib.metadata import version
from platform import python_version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting.message import ReportFormatter, compose, versions
from app.reporting.outbox import Parcel
from app.reporting.redaction import spellings
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import ADMINS, Record
from tests.unit.reporting.test_lines import OCCASION


def as_received(message: EmailMessage) -> EmailMessage:
    """The message after its way through a mail server."""
    received = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(received, EmailMessage)
    return received


@pytest.fixture
def mail() -> EmailMessage:
    """A mail as it arrives."""
    return as_received(compose(Parcel("a report\n"), "mail.example.com", ADMINS))


@behaviour("mail.error-is-mailed")
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("From", "no-reply@mail.example.com"),
        ("To", "admin@example.com, second@example.com"),
        ("Subject", "Microblog Failure"),
        ("Auto-Submitted", "auto-generated"),
    ],
)
def test_headers(mail: EmailMessage, header: str, value: str) -> None:
    """Sender, recipients and subject are those of the settings, each once."""
    assert mail.get_all(header) == [value]


@behaviour("mail.well-formed")
def test_date(mail: EmailMessage) -> None:
    """The mail is dated now."""
    age = datetime.now(UTC) - mail["Date"].datetime

    assert abs(age.total_seconds()) < 60


@behaviour("mail.well-formed")
def test_message_id(mail: EmailMessage) -> None:
    """The mail has an id, in the domain of its sender."""
    assert re.fullmatch(r"<[^<>@\s]+@mail\.example\.com>", mail["Message-ID"])


@behaviour("mail.well-formed")
def test_message_ids_differ() -> None:
    """No two mails have one id."""
    ids = {compose(Parcel(""), "localhost", ADMINS)["Message-ID"] for _ in range(10)}

    assert len(ids) == 10


@pytest.mark.parametrize(
    ("server", "sender"),
    [
        ("192.0.2.25", "no-reply@192.0.2.25"),
        ("::1", "no-reply@[IPv6:::1]"),
        ("postfächer.example", "no-reply@xn--postfcher-z2a.example"),
    ],
    ids=["ipv4", "ipv6", "idn"],
)
def test_sender(server: str, sender: str) -> None:
    """The sender's address is valid, whatever names the server."""
    assert as_received(compose(Parcel(""), server, ADMINS))["From"] == sender


@behaviour("mail.well-formed")
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_round_trip(text: str) -> None:
    """A report of any text arrives whole, in seven bits."""
    message = compose(Parcel(f"{text}\n"), "localhost", ADMINS)

    assert message.as_bytes().isascii()
    assert as_received(message).get_content().replace("\r\n", "\n") == f"{text}\n"


@behaviour("mail.well-formed")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_header_from_a_report(text: str) -> None:
    """No report can add a header."""
    message = compose(Parcel(f"{text}\nBcc: evil@example.com\n"), "localhost", ADMINS)

    assert as_received(message)["Bcc"] is None


@behaviour("mail.storm")
@pytest.mark.parametrize(
    ("parcel", "text"),
    [
        (Parcel("R\n"), "R\n"),
        (Parcel("R\n", held=4), "Held back: 4 like this since the last mail\nR\n"),
        (
            Parcel("R\n", held=4, latest=True),
            "Held back: 4 like this since the last mail;"
            " this is the latest of them\nR\n",
        ),
    ],
    ids=["none", "some", "latest"],
)
def test_held_back(parcel: Parcel, text: str) -> None:
    """A mail says how many like it were held back."""
    assert compose(parcel, "localhost", ADMINS).get_content() == text


@behaviour("mail.context")
@pytest.mark.parametrize(
    "line",
    [
        "Request:   POST http://localhost/login",
        "User:      7",
        "From:      192.0.2.1",
        "Reference: ABCDEFGH",
        "Logger:    app (ERROR)",
        f"Versions:  {versions()}",
    ],
    ids=lambda line: line.split(":")[0],
)
def test_context(record: Record, line: str) -> None:
    """A report says in which request the error arose, and on which versions."""
    noted = record()
    noted.occasion = OCCASION

    assert line in ReportFormatter().format(noted).splitlines()


@behaviour("mail.context")
def test_context_is_not_hidden(record: Record) -> None:
    """No visitor takes out, by a cookie of that text, what is known without him."""
    noted = record()
    noted.occasion = replace(
        OCCASION, secrets=("192.0.2.1", "ABCDEFGH", "Python", "ERROR", "app", "202")
    )

    head = ReportFormatter().format(noted).partition("\n\n")[0]

    assert "[hidden]" not in head


def test_nobody(record: Record) -> None:
    """Without a user and an address, the report says so in words."""
    noted = record()
    noted.occasion = type(OCCASION)("GET", "http://localhost/", "", "", "", ())

    lines = ReportFormatter().format(noted).splitlines()
    assert "User:      anonymous" in lines
    assert "From:      unknown" in lines


def test_no_request(record: Record) -> None:
    """Outside a request, the report has no lines about one."""
    assert "Request:" not in ReportFormatter().format(record())


@behaviour("mail.error-is-mailed")
def test_trace(record: Record) -> None:
    """A report ends in message, place and the whole stack trace."""
    report = ReportFormatter().format(record("Broken", error=ValueError("no")))

    rest = report.partition("\n\n")[2].splitlines()
    assert rest[0] == "Broken [in /srv/app/posts.py:7]"
    assert rest[1] == "Traceback (most recent call last):"
    assert rest[-1] == "ValueError: no"


@behaviour("mail.no-secrets")
def test_secrets(record: Record) -> None:
    """No line of a report shows a secret, the address included."""
    noted = record("open sesame", error=ValueError("the key"))
    known = spellings(["open sesame"])
    noted.occasion = type(OCCASION)(
        "GET", "http://localhost/?open+sesame", "", "the key", "", known
    )

    report = ReportFormatter(["the key"]).format(noted)
    assert "sesame" not in report
    assert "the key" not in report


@behaviour("mail.context")
def test_versions() -> None:
    """The versions are those of Python, Flask, Werkzeug and SQLAlchemy."""
    names = ("Flask", "Werkzeug", "SQLAlchemy")
    expected = [f"Python {python_version()}", *(f"{n} {version(n)}" for n in names)]

    assert versions().split(", ") == expected
