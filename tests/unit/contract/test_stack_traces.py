"""Finding the line of the author's own code behind an exception."""

from pathlib import Path

import pytest

from tests.contract.stack_traces import (
    last_line,
    raised_at_start,
    raised_in_output,
    raised_in_requests,
    shortened,
)
from tests.harness.probe.client import AnsweredRequest, RaisedException

CODE = Path("/tmp/1/target")
LIBRARY = ("/venv/site-packages/flask/app.py", 9, "run", "self.run()")
VIEW = (f"{CODE}/app/views.py", 3, "edit", "form = EditForm()")
TEMPLATE = (f"{CODE}/app/templates/500.html", 2, "top-level", "{{ user.nam }}")
PROBE = ("/x/harness_probe/middleware.py", 40, "fail", "raise kind()")

PRINTED = """\
hello
Traceback (most recent call last):
  File "/venv/site-packages/flask/cli.py", line 9, in run
    self.run()
    ^^^^^^^^^^
  File "/tmp/1/target/app/__init__.py", line 4, in <module>
    secure = secure()
             ^^^^^^^^
  File "/venv/site-packages/other.py", line 1, in other
TypeError: 'NoneType' object is not callable
harness-probe: the target cannot be imported: TypeError: it
"""


def request(*errors: RaisedException, status: str = "500 OH") -> AnsweredRequest:
    """Return a request in which exceptions were raised."""
    return AnsweredRequest(1.0, "GET /me", status, (), errors)


def test_own_line() -> None:
    """The evidence is the innermost line of the author's code, not a library's."""
    error = RaisedException("TypeError", "one\ntwo", (LIBRARY, VIEW, LIBRARY))

    [seen] = raised_in_requests(CODE, [request(error)])

    assert seen.text == "GET /me answers 500: TypeError: one"
    assert (seen.place, seen.source) == ("app/views.py:3", "form = EditForm()")
    assert seen.key == "TypeError app/views.py:3"


def test_template() -> None:
    """A line of a template is a line of the author's code."""
    error = RaisedException("UndefinedError", "", (LIBRARY, VIEW, TEMPLATE))

    [seen] = raised_in_requests(CODE, [request(error, status="")])

    assert (seen.text, seen.place) == (
        *("GET /me answers 500: UndefinedError", "app/templates/500.html:2"),
    )


def test_no_own_line() -> None:
    """An exception without a line of the author's is known by its message."""
    installed = (f"{CODE}/venv/site-packages/x.py", 1, "x", "x()")
    error = RaisedException("BuildError", "no home", (LIBRARY, installed))

    [seen] = raised_in_requests(CODE, [request(error)])

    assert (seen.place, seen.key) == ("", "BuildError no home")


@pytest.mark.parametrize(
    "error",
    [
        RaisedException("RuntimeError", "on demand", (VIEW, PROBE)),
        RaisedException("IntegrityError", "x refused by the harness", (VIEW,)),
        RaisedException("OperationalError", "broken by the harness", ()),
    ],
    ids=["raised", "refused", "broken"],
)
def test_deliberate(error: RaisedException) -> None:
    """A failure that the harness injects is not evidence."""
    assert list(raised_in_requests(CODE, [request(error)])) == []


def test_consequence() -> None:
    """A consequence of an injected failure in the author's code is evidence."""
    message = "This Session's transaction has been rolled back: refused by the harness"
    error = RaisedException("PendingRollbackError", message, (VIEW,))

    assert len(list(raised_in_requests(CODE, [request(error)]))) == 1


def test_printed() -> None:
    """A printed stack trace is parsed."""
    seen = raised_in_output(CODE, PRINTED, "Starting it raises")

    assert seen is not None
    assert seen.text == (
        "Starting it raises TypeError: 'NoneType' object is not callable"
    )
    assert (seen.place, seen.source) == ("app/__init__.py:4", "secure = secure()")


def test_printed_in_part() -> None:
    """A printed stack trace without its beginning is parsed."""
    assert list(raised_at_start(PRINTED.partition("(most recent")[2])) == list(
        raised_at_start(PRINTED)
    )


def test_syntax_error() -> None:
    """The evidence of a syntax error is the line that has it."""
    printed = (
        '  File "/tmp/1/target/a.py", line 2\n    def x(:\n        ^\nSyntaxError: bad'
    )

    [seen] = raised_at_start(printed)

    assert (seen.text, seen.place) == ("Starting it raises SyntaxError: bad", "a.py:2")


@pytest.mark.parametrize("printed", ["", "no trace", '  File "/x/a.py", line 2\n'])
def test_nothing_printed(printed: str) -> None:
    """Output without an exception is not evidence."""
    assert list(raised_at_start(printed)) == []


def test_shortened() -> None:
    """A message is put on one line and shortened to a maximum length."""
    assert shortened("a\n  b") == "a b"
    assert shortened("x" * 20, longest=10) == "x" * 10 + " ..."


@pytest.mark.parametrize(
    ("message", "expected"),
    [("", ""), ("one", "one"), ('{"error": "a\\nno such table\\n"}', "no such table")],
)
def test_last_line(message: str, expected: str) -> None:
    """An error of the probe is reduced to its last line."""
    assert last_line(message) == expected
