"""How a record becomes text: one event is one first line."""

import logging
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting.lines import LineFormatter, one_line, several_lines
from app.reporting.logfile import FORMAT
from app.reporting.occasion import Occasion
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Record

FIRST_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+: ", re.M)

STRANGERS_TEXT = st.one_of(
    st.text(),
    st.text(alphabet="\n\r\x0b\x0c\x1c\x85\u2028\u2029\x1b[2J\u202e\ud800a0: "),
    st.text().map(lambda text: f"{text}\n2026-01-01 00:00:00,000 INFO: forged {text}"),
)

OCCASION = Occasion(
    method="POST",
    address="http://localhost/login",
    remote="192.0.2.1",
    user="7",
    reference="ABCDEFGH",
    secrets=("open sesame",),
)


@pytest.fixture
def formatter() -> LineFormatter:
    """The log file's own format."""
    return LineFormatter(FORMAT, ["the key that signs"])


@behaviour("log.format")
def test_format(formatter: LineFormatter, record: Record) -> None:
    """A line is time, level, message, and where it was logged."""
    line = formatter.format(record("Hello %s", "world", level=logging.INFO))

    assert FIRST_LINE.match(line)
    assert line[24:] == "INFO: Hello world [in /srv/app/posts.py:7]"


@behaviour("log.one-line-per-event")
@pytest.mark.parametrize(
    ("character", "escape"),
    [
        ("\n", r"\n"),
        ("\r", r"\r"),
        ("\t", r"\t"),
        ("\0", r"\x00"),
        ("\x1b", r"\x1b"),
        ("\x7f", r"\x7f"),
        ("\x85", r"\x85"),
        ("\u2028", r"\u2028"),
        ("\u202e", r"\u202e"),
        ("\u2066", r"\u2066"),
        ("\ud800", r"\ud800"),
    ],
    ids=lambda text: repr(text).strip("'"),
)
def test_escapes(character: str, escape: str) -> None:
    """A control character is written as its escape."""
    assert one_line(f"a{character}b") == f"a{escape}b"


@pytest.mark.parametrize("text", ["", "plain", "grün ☃ 𝔘", "a\u00a0b", "\\n"])
def test_printable_text(text: str) -> None:
    """What can be shown is left as it is."""
    assert one_line(text) == text


def test_line_breaks_stay() -> None:
    """A text of several lines keeps its line breaks, and nothing else of control."""
    assert several_lines("a\n\tb\r\n\x1bc") == "a\n\\tb\\r\n\\x1bc"


@behaviour("log.one-line-per-event")
@given(message=STRANGERS_TEXT, trouble=STRANGERS_TEXT)
def test_one_event_is_one_first_line(message: str, trouble: str) -> None:
    """Whatever a message and an exception say, one line begins as a record does."""
    try:
        raise ValueError(trouble)
    except ValueError:
        error = sys.exc_info()
    record = logging.LogRecord("app", 40, "/a.py", 1, "%s", (message,), error)

    text = LineFormatter(FORMAT).format(record)

    assert len(FIRST_LINE.findall(text)) == 1
    assert f"{text}|".splitlines() == f"{text}|".split("\n")


@behaviour("log.traceback")
def test_traceback(formatter: LineFormatter, record: Record) -> None:
    """The stack trace stands below the line, ending in the exception."""
    text = formatter.format(record(error=ValueError("grün")))

    below = text.splitlines()[1:]
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1] == "ValueError: grün"


def test_stack(formatter: LineFormatter, record: Record) -> None:
    """A stack that was asked for stands below the line."""
    stacked = record()
    stacked.stack_info = "Stack:\n  here"

    assert formatter.format(stacked).endswith("7]\nStack:\n  here")


@behaviour("errors.reference")
def test_reference(formatter: LineFormatter, record: Record) -> None:
    """The message of an error in a request ends in the request's reference."""
    noted = record("Broken")
    noted.occasion = OCCASION

    assert " ERROR: Broken [ref ABCDEFGH] [in " in formatter.format(noted)


@behaviour("mail.no-secrets")
@pytest.mark.parametrize("secret", ["open sesame", "the key that signs"])
def test_secrets(formatter: LineFormatter, record: Record, secret: str) -> None:
    """What the request carried and what the application keeps is in no line."""
    noted = record("It was %s", secret, error=ValueError(secret))
    noted.occasion = OCCASION

    assert secret not in formatter.format(noted)


def test_other_handlers_see_the_record_as_it_was(
    formatter: LineFormatter, record: Record
) -> None:
    """The text that other handlers share is not replaced by the redacted one."""
    shared = record(error=ValueError("no"))

    formatter.format(shared)

    assert shared.exc_text is None
