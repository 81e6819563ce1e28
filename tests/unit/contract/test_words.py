"""What an assertion wanted and saw, in words."""

from typing import Any

import pytest

from tests.contract.words import explained, last_error, last_line, shown


@pytest.mark.parametrize(
    ("source", "compared", "expected", "actual"),
    [
        (
            "assert page.status == 200",
            ("==", 500, 200),
            "the status of the answer: 200",
            "500",
        ),
        (
            "assert site.users.names == ['susan']",
            ("==", [], ["susan"]),
            "the names that are stored: ['susan']",
            "nothing",
        ),
        (
            "assert ways_home != []",
            ("!=", [], []),
            "links to the home page: something",
            "nothing",
        ),
        (
            "assert page.text != ''",
            ("!=", "", ""),
            "the text of the page: something",
            "nothing",
        ),
        ("assert count != 3", ("!=", 3, 3), "count: not 3", "3"),
        ("assert len(site.mails()) == 1", ("==", 0, 1), "the number of mails: 1", "0"),
        ("assert count <= 3", ("<=", 4, 3), "count: at most 3", "4"),
        (
            "assert (page.status, page.path) == (1, 2)",
            ("==", (0, 2), (1, 2)),
            "the status of the answer and the address of the page: (1, 2)",
            "(0, 2)",
        ),
        ("assert set(found['x']) == {1}", ("==", {2}, {1}), "found: {1}", "{2}"),
        (
            "assert 'a' in page.text",
            ("in", "a", "b"),
            "'a' is in the text of the page",
            "'b'",
        ),
        (
            "assert not is_bare(page)",
            None,
            "Werkzeug's bare error page: no",
            "yes",
        ),
        (
            "assert page.signed_in",
            None,
            "the navigation of somebody who is signed in: yes",
            "no",
        ),
        ("assert [1][0] == 2", ("==", 1, 2), "[1]: 2", "1"),
        ("assert 1 == 2", ("==", 1, 2), "1: 2", "1"),
        ("assert found, f'no level in {line}'", None, "", "no level"),
        ("[mail] = site.mails()", None, "", "no level"),
        ("with what(", None, "", "no level"),
    ],
)
def test_explained(
    source: str, compared: tuple[str, Any, Any] | None, expected: str, actual: str
) -> None:
    """An assertion is told by what it compares, as people call it."""
    assert explained(source, compared, "no level\n") == (expected, actual)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("too many values to unpack (expected 1)", "more"),
        ("not enough values to unpack (expected 1, got 0)", "fewer"),
    ],
)
def test_unpacked(message: str, told: str) -> None:
    """Where there are more or fewer than are taken, that is told."""
    said = explained("[mail] = site.mails()", None, message)

    assert said == ("the number of mails: 1", told)


def test_long_values() -> None:
    """Long values are cut, and texts of several lines are shown as they are."""
    assert len(shown("x" * 1000)) < 310
    assert shown("a\nb\n") == "a\nb"


def test_last_error() -> None:
    """The last exception of an output is told, not those that the harness asked for."""
    output = "ValueError: a\nsqlalchemy.exc.StaleError: b\nRuntimeError: on demand\n"

    assert last_error(output) == "sqlalchemy.exc.StaleError: b"
    assert last_error("nothing") == ""


def test_last_line() -> None:
    """Of what the probe says the last line tells what it was."""
    assert last_line('{"error": "Traceback\\nOperationalError: no table\\n"}') == (
        "OperationalError: no table"
    )
    assert last_line("") == ""
