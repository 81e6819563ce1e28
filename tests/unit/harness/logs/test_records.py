"""Log records, parsed from the lines of a log."""

import logging
import re

import pytest

from tests.harness.logs.records import (
    LogLocation,
    Record,
    learned_format,
    line_pattern,
    parse,
)

TEXT = """\
the end of a stack trace in a deleted file
2026-11-22 10:00:00,123 INFO: before [in /app/views.py:1]
2026-11-22 10:00:00,124 ERROR: Exception on / [GET] [in /app/views.py:12]
Traceback (most recent call last):
RuntimeError: two
lines
2026-11-22 10:00:00,125 INFO: after [in /app/views.py:1]
"""


def test_records() -> None:
    """A record has the attributes in its line and the stack trace that follows."""
    before, error, after = parse(TEXT)

    assert (before.message, after.message) == ("before", "after")
    assert error == Record(
        time="2026-11-22 10:00:00,124",
        level="ERROR",
        message="Exception on / [GET]",
        path="/app/views.py",
        line=12,
        trace="Traceback (most recent call last):\nRuntimeError: two\nlines",
    )


@pytest.mark.parametrize(
    "format",
    [
        pytest.param(LogLocation.format, id="chapter"),
        pytest.param("%(levelname)-8s|%(asctime)s|%(message)s", id="padded"),
        pytest.param("[%(asctime)s] %(name)s (%(levelname)s) %(message)s", id="more"),
        pytest.param("%(asctime)s %(asctime)s %(levelname)s %(message)s", id="twice"),
    ],
)
def test_other_formats(format: str) -> None:
    """Lines in any format are parsed."""
    made = logging.LogRecord("app", logging.INFO, "/x.py", 7, "it works", None, None)
    text = logging.Formatter(format).format(made)

    [record] = parse(text, line_pattern(format))

    assert (record.level, record.message) == ("INFO", "it works")
    assert record.time


def test_format_without_attributes() -> None:
    """Attributes that a format lacks are empty in the records."""
    [record] = parse("it works", line_pattern("%(message)s"))

    assert record == Record("", "", "it works", "", 0)


@pytest.mark.parametrize(
    "line",
    [
        '{"at": "2026-11-22 10:00:00", "level": "ERROR", "message": "it broke"}',
        '{"message":"it broke","level":"ERROR","place":"/app/views.py:7"}',
        "10:00:00 ERROR: it broke (/app/views.py 7)",
        "2026-11-22T10:00:00.123456+00:00 [ERROR] it broke",
    ],
)
def test_learned_format(line: str) -> None:
    """A format is learned from one line, and holds for others."""
    format = learned_format(line, "it broke", "ERROR")

    other = re.sub(r"7(?!\d)|10:00:00", "11", line.replace("views", "forms"))
    [record] = parse(
        other.replace("ERROR", "INFO").replace("it broke", "it works"),
        line_pattern(format),
    )
    assert (record.level, record.message) == ("INFO", "it works")
