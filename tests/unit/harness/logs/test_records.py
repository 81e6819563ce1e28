"""Records of a log, read off its lines."""

import logging

import pytest

from tests.harness.logs.records import LogLocation, Record, line_pattern, parse
from tests.unit.harness.logs.lines import TIME, line

ERROR = """\
2026-11-22 10:00:00,123 ERROR: Exception on / [GET] [in /app/views.py:12]
Traceback (most recent call last):
RuntimeError: two
lines
"""


def test_record() -> None:
    """A record has all that its line tells, and the trace that follows it."""
    [record] = parse(ERROR)

    assert record == Record(
        time=TIME,
        level="ERROR",
        message="Exception on / [GET]",
        path="/app/views.py",
        line=12,
        trace="Traceback (most recent call last):\nRuntimeError: two\nlines",
    )


def test_traces_belong_to_their_records() -> None:
    """A trace belongs to the record above it."""
    records = parse(line("before") + ERROR + line("after"))

    assert [(one.message, bool(one.trace)) for one in records] == [
        ("before", False),
        ("Exception on / [GET]", True),
        ("after", False),
    ]


def test_rest_of_a_trace() -> None:
    """Lines before the first record, left from a file that is gone, are dropped."""
    assert [one.message for one in parse("lines\n" + line("one"))] == ["one"]


@pytest.mark.parametrize(
    "format",
    [
        pytest.param(LogLocation.format, id="chapter"),
        pytest.param("%(levelname)-8s|%(asctime)s|%(message)s", id="padded"),
        pytest.param("[%(asctime)s] %(name)s (%(levelname)s) %(message)s", id="more"),
        pytest.param("%(asctime)s %(asctime)s %(levelname)s %(message)s", id="twice"),
    ],
)
def test_pattern(format: str) -> None:
    """The lines of any format are read with a pattern that is made of it."""
    made = logging.LogRecord("app", logging.INFO, "/x.py", 7, "it works", None, None)
    text = logging.Formatter(format).format(made)

    [record] = parse(text, line_pattern(format))

    assert (record.level, record.message) == ("INFO", "it works")
    assert record.time


def test_pattern_that_tells_little() -> None:
    """What a format does not tell is empty in the records."""
    [record] = parse("it works", line_pattern("%(message)s"))

    assert record == Record("", "", "it works", "", 0)
