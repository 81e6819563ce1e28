"""The format of log lines and of mailed reports."""

import logging
import re
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting import formatters
from app.reporting.formatters import (
    LIMIT,
    LineFormatter,
    ReportFormatter,
    one_line,
    several_lines,
    shorten,
    versions,
)
from app.reporting.redaction import spellings
from app.reporting.request_context import RequestContext
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import MakeRecord

FIRST_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+: ", re.M)

ANY_TEXT = st.one_of(
    st.text(),
    st.text(alphabet="\n\r\x0b\x0c\x1c\x85\u2028\u2029\x1b[2J\u202e\ud800a0: "),
    st.text().map(lambda text: f"{text}\n2026-01-01 00:00:00,000 INFO: forged {text}"),
)

CONTEXT = RequestContext(
    method="POST",
    url="http://localhost/login",
    remote_addr="192.0.2.1",
    user_id="7",
    reference="ABCDEFGH",
    secrets=("open sesame",),
)


class Unprintable(Exception):
    """An exception that cannot be converted to text."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


@pytest.fixture
def formatter() -> LineFormatter:
    """The formatter of the log file."""
    return LineFormatter(secrets=["the key that signs"])


@behaviour("log.format")
def test_format(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """A line has the time, the level, the message, and where it was logged."""
    line = formatter.format(make_record("Hello %s", "world", level=logging.INFO))

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
    """A control character in a line is escaped."""
    assert one_line(f"a{character}b") == f"a{escape}b"


@pytest.mark.parametrize("text", ["", "plain", "grün ☃ 𝔘", "a\u00a0b", "\\n"])
def test_printable_text(text: str) -> None:
    """Printable text is not escaped."""
    assert one_line(text) == text


def test_line_breaks_stay() -> None:
    """Text of several lines keeps its newlines but no other control character."""
    assert several_lines("a\n\tb\r\n\x1bc") == "a\n\\tb\\r\n\\x1bc"


@behaviour("log.one-line-per-event")
def test_dates_in_a_text() -> None:
    """Only a line that begins as a record does is indented."""
    text = "2026-11-27 a\non 2026-11-27 b\n2026-11-27 c"

    assert several_lines(text) == (
        "    2026-11-27 a\non 2026-11-27 b\n    2026-11-27 c"
    )


@behaviour("log.one-line-per-event")
@given(message=ANY_TEXT, trouble=ANY_TEXT)
def test_one_event_is_one_first_line(message: str, trouble: str) -> None:
    """Any message and exception give exactly one line that begins as a record."""
    try:
        raise ValueError(trouble)
    except ValueError:
        error = sys.exc_info()
    record = logging.LogRecord("app", 40, "/a.py", 1, "%s", (message,), error)

    text = LineFormatter().format(record)

    assert len(FIRST_LINE.findall(text)) == 1
    assert f"{text}|".splitlines() == f"{text}|".split("\n")


@behaviour("log.traceback")
def test_trace(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """The stack trace follows the line and ends with the exception."""
    text = formatter.format(make_record(error=ValueError("grün")))

    below = text.splitlines()[1:]
    assert below[0] == "Traceback (most recent call last):"
    assert below[-1] == "ValueError: grün"


def test_stack(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """A requested stack follows the line."""
    record = make_record()
    record.stack_info = "Stack:\n  here"

    assert formatter.format(record).endswith("7]\nStack:\n  here")


def test_no_exception(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """A record with an empty exc_info has no stack trace."""
    record = make_record()
    record.exc_info = (None, None, None)

    assert formatter.format(record).endswith("7]")


@behaviour("errors.reference")
def test_reference(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """The message of an error in a request ends with the request's reference."""
    record = make_record("Broken")
    record.request_context = CONTEXT

    assert " ERROR: Broken [ref ABCDEFGH] [in " in formatter.format(record)


@behaviour("mail.no-secrets")
@pytest.mark.parametrize("secret", ["open sesame", "the key that signs"])
def test_secrets(
    formatter: LineFormatter, make_record: MakeRecord, secret: str
) -> None:
    """No line shows a secret of the request or of the application."""
    record = make_record("It was %s", secret, error=ValueError(secret))
    record.request_context = CONTEXT

    assert secret not in formatter.format(record)


def test_record_is_shared(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """Redaction does not change the record for other handlers."""
    record = make_record(error=ValueError("no"))

    formatter.format(record)

    assert record.exc_text is None


@behaviour("errors.unprintable")
@pytest.mark.parametrize(
    ("message", "arguments", "text"),
    [
        ("%d apples", ["many"], "'%d apples' % ('many',) <not formatted: TypeError>"),
        (Unprintable(), [], " % () <not formatted: ValueError>"),
        ("It was %s", [Unprintable()], " <not formatted: ValueError>"),
    ],
    ids=["arguments", "message", "argument"],
)
def test_unprintable_message(
    formatter: LineFormatter,
    make_record: MakeRecord,
    message: object,
    arguments: list[object],
    text: str,
) -> None:
    """A message that cannot be formatted is logged unformatted."""
    assert f"{text} [in " in formatter.format(make_record(message, *arguments))


@behaviour("errors.unprintable")
def test_long_unprintable_message(
    formatter: LineFormatter, make_record: MakeRecord
) -> None:
    """Each part of a message that cannot be formatted has at most 200 characters."""

    class Long:
        """A value with a long repr()."""

        def __repr__(self) -> str:
            return "y" * 300

    line = formatter.format(make_record("x" * 300, Long()))

    assert f"'{'x' * 97}...{'x' * 98}' % (" in line
    assert f"({'y' * 98}...{'y' * 99},) <not formatted: TypeError>" in line


@behaviour("errors.unprintable")
def test_unprintable_exception(
    formatter: LineFormatter, make_record: MakeRecord
) -> None:
    """An exception that cannot be converted to text is logged with its trace."""
    text = formatter.format(make_record(error=Unprintable()))

    assert "in make" in text
    assert text.endswith("Unprintable: <exception str() failed>")


@behaviour("errors.unprintable")
def test_group(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """A group of exceptions is logged with all of them."""
    group = ExceptionGroup("several", [ValueError("one"), KeyError("two")])

    text = formatter.format(make_record(error=group))
    assert "ValueError: one" in text
    assert "KeyError: 'two'" in text


@behaviour("errors.unprintable")
def test_unprintable_trace(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """An exception whose trace cannot be formatted is logged with its frames."""
    error = SyntaxError("no file", ("posts.py", 1, 1, "x = 1"))
    error.filename = Unprintable()  # type: ignore[assignment]

    text = formatter.format(make_record(error=error))
    assert "in make" in text
    assert text.endswith("SyntaxError <not formatted: ValueError>")


@behaviour("errors.unprintable")
def test_last_frames(formatter: LineFormatter) -> None:
    """Of a trace that cannot be formatted the last 50 frames are logged."""

    error = SyntaxError("no file", ("posts.py", 1, 1, "x = 1"))
    error.filename = Unprintable()  # type: ignore[assignment]

    def ping(depth: int) -> None:
        pong(depth)

    def pong(depth: int) -> None:
        if not depth:
            raise error
        ping(depth - 1)

    with pytest.raises(SyntaxError) as failure:
        ping(30)
    lines = formatter.formatException(failure._excinfo).splitlines()

    frames = [line for line in lines if line.startswith("  File ")]
    assert len(frames) == 50
    assert frames[-1].endswith(", in pong")
    assert [line for line in lines if not line.startswith("  ")] == [lines[-1]]


@behaviour("errors.unprintable")
def test_deep_recursion(formatter: LineFormatter, make_record: MakeRecord) -> None:
    """An infinite recursion is logged with its first and last frames."""

    def ping() -> None:
        pong()

    def pong() -> None:
        ping()

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(3000)
    with pytest.raises(RecursionError) as failure:
        ping()
    sys.setrecursionlimit(limit)
    text = formatter.format(make_record(error=failure.value))

    assert "in test_deep_recursion" in text
    assert " characters left out ..." in text
    assert "RecursionError: maximum recursion depth exceeded" in text[-200:]
    assert len(text) < LIMIT + 500


@behaviour("errors.unprintable")
@pytest.mark.parametrize("formatter_class", [LineFormatter, ReportFormatter])
def test_long(make_record: MakeRecord, formatter_class: type[LineFormatter]) -> None:
    """A record of many megabytes is shortened, in less than a second."""
    long = "x y=1 " * 1_000_000
    record = make_record(long, error=ValueError(long))
    begin = time.process_time()
    text = formatter_class().format(record)

    assert time.process_time() - begin < 1
    assert len(text) < 2 * LIMIT + 1000


@behaviour("mail.no-secrets")
def test_secret_is_not_cut(make_record: MakeRecord) -> None:
    """A shortened text contains no part of a secret."""
    record = make_record("open sesame" * LIMIT)
    record.request_context = CONTEXT

    assert "sesame" not in LineFormatter().format(record)


@pytest.mark.parametrize(("length", "whole"), [(100_000, True), (100_001, False)])
def test_longest_message(
    formatter: LineFormatter, make_record: MakeRecord, length: int, whole: bool
) -> None:
    """A message of 100,000 characters is logged as it is."""
    line = formatter.format(make_record("x" * length))

    assert ("x" * length in line) is whole


def test_short_text() -> None:
    """Only text over the maximum length is shortened."""
    left, right = "a" * (LIMIT // 2), "b" * (LIMIT // 2)

    assert shorten(left + right) == left + right
    assert shorten(f"{left}xx{right}") == (
        f"{left}\n... 2 characters left out ...\n{right}"
    )


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
def test_context(make_record: MakeRecord, line: str) -> None:
    """A report names the request in which the error occurred, and the versions."""
    record = make_record()
    record.request_context = CONTEXT

    assert line in ReportFormatter().format(record).splitlines()


@behaviour("mail.context")
def test_context_is_not_hidden(make_record: MakeRecord) -> None:
    """A cookie with values of the context does not redact the context."""
    record = make_record()
    record.request_context = CONTEXT._replace(
        secrets=("192.0.2.1", "ABCDEFGH", "Python", "ERROR", "app", "202")
    )

    head = ReportFormatter().format(record).partition("\n\n")[0]

    assert "[hidden]" not in head


def test_anonymous(make_record: MakeRecord) -> None:
    """A report shows "anonymous" without a user, and "unknown" without an address."""
    record = make_record()
    record.request_context = CONTEXT._replace(user_id="", remote_addr="")

    lines = ReportFormatter().format(record).splitlines()
    assert "User:      anonymous" in lines
    assert "From:      unknown" in lines


def test_time_of_a_report(make_record: MakeRecord) -> None:
    """A report begins with the time of the record."""
    record = make_record()

    first, *_ = ReportFormatter().format(record).splitlines()

    assert first == f"Time:      {logging.Formatter().formatTime(record)}"


def test_no_request(make_record: MakeRecord) -> None:
    """A report of an error outside a request has no lines about one."""
    assert "Request:" not in ReportFormatter().format(make_record())


@behaviour("mail.error-is-mailed")
def test_report_ends_in_the_trace(make_record: MakeRecord) -> None:
    """A report ends with the message, its place and the whole stack trace."""
    report = ReportFormatter().format(make_record("Broken", error=ValueError("no")))

    rest = report.partition("\n\n")[2].splitlines()
    assert rest[0] == "Broken [in /srv/app/posts.py:7]"
    assert rest[1] == "Traceback (most recent call last):"
    assert rest[-1] == "ValueError: no"


@behaviour("mail.no-secrets")
def test_secrets_in_a_report(make_record: MakeRecord) -> None:
    """No line of a report shows a secret, the URL included."""
    record = make_record("open sesame", error=ValueError("the key"))
    record.request_context = CONTEXT._replace(
        url="http://localhost/?open+sesame",
        user_id="the key",
        secrets=spellings(["open sesame"]),
    )

    report = ReportFormatter(["the key"]).format(record)
    assert "sesame" not in report
    assert "the key" not in report


@behaviour("mail.context")
@pytest.mark.parametrize("missing", ["", "SQLAlchemy"], ids=["all", "no-sqlalchemy"])
def test_versions(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """The versions are those of Python and of the installed packages."""

    def find(name: str) -> str:
        if name == missing:
            raise PackageNotFoundError
        return version(name)

    monkeypatch.setattr(formatters, "version", find)
    names = [n for n in ("Flask", "Werkzeug", "SQLAlchemy") if n != missing]

    expected = [f"Python {python_version()}", *(f"{n} {version(n)}" for n in names)]
    assert versions.__wrapped__().split(", ") == expected
