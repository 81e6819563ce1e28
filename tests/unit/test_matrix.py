"""The table that `make matrix` ends with."""

import runpy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target.target import REPOSITORY

REPORT = """\
<testsuites><testsuite name="pytest">
  <testcase name="test_one"><properties>
    <property name="behaviour" value="mail.sent"/>
    <property name="seed" value="7"/>
  </properties></testcase>
  <testcase name="test_two"><properties>
    <property name="behaviour" value="mail.sent"/>
    <property name="behaviour" value="mail.starttls"/>
  </properties>{two}</testcase>
  <testcase name="test_three"><properties>
    <property name="behaviour" value="pages.look"/>
  </properties><skipped/></testcase>
  <testcase name="test_four"><properties>
    <property name="behaviour" value="mail.starttls"/>
  </properties>{four}</testcase>
</testsuite></testsuites>
"""
HEAD = ["environment", "Python", "Flask", "Werkzeug", "SQLAlchemy", "passed", "failed"]
VERSIONS = ["3.15.2", "3.1.3", "3.1.8", "2.0.51"]


@pytest.fixture(scope="module")
def matrix() -> dict[str, Any]:
    """The names of the script."""
    return runpy.run_path(str(REPOSITORY / ".ci" / "matrix.py"))


@pytest.fixture
def read(matrix: dict[str, Any], tmp_path: Path) -> Callable[..., Any]:
    """A function that returns the results of a run, by what two of its tests report."""

    def results(two: str = "", four: str = "") -> Any:
        path = tmp_path / "results.xml"
        path.write_text(REPORT.format(two=two, four=four))
        return matrix["read"](path)

    return results


def test_counts(read: Callable[..., Any]) -> None:
    """Failures and errors count as failed, skipped tests as neither."""
    results = read(two="<failure/>", four="<error/>")

    assert (results.passed, results.failed) == (1, 2)


def test_behaviours(read: Callable[..., Any]) -> None:
    """A behaviour fails with one of its tests, and is tested if one is not skipped."""
    assert read(two="<failure/>").behaviours == {
        "mail.sent": "fails",
        "mail.starttls": "fails",
    }
    assert read().behaviours["mail.sent"] == "holds"


def test_missing_results(matrix: dict[str, Any], tmp_path: Path) -> None:
    """An environment without a file of results did not run."""
    assert matrix["read"](tmp_path / "missing.xml") is None


def test_table(matrix: dict[str, Any], read: Callable[..., Any]) -> None:
    """Each environment has a row, and each behaviour that differs a line."""
    older = ["3.11.7", *VERSIONS[1:]]

    table = matrix["table"](
        {
            "py311": (older, read()),
            "py312": (older, None),
            "py315": (VERSIONS, read(two="<error/>")),
            "min": (older, read(four="<failure/>")),
        }
    )

    known = VERSIONS[1:]
    assert cells(table) == [
        [*HEAD, "not as in py311"],
        ["py311", "3.11.7", *known, "3", "0", ""],
        ["py312", *[""] * 6, "did not run"],
        ["py315", "3.15.2", *known, "2", "1", "mail.sent fails"],
        [*[""] * 7, "mail.starttls fails"],
        ["min", "3.11.7", *known, "2", "1", "mail.starttls fails"],
    ]


def test_behaviour_that_one_tested(
    matrix: dict[str, Any], read: Callable[..., Any]
) -> None:
    """A behaviour that only one of two environments tested does not differ."""
    fewer = read(two="<skipped/>")
    more = replace(fewer, behaviours={"mail.sent": "holds", "slow.only": "fails"})

    for pair in ((fewer, more), (more, fewer)):
        found = {str(number): (VERSIONS, one) for number, one in enumerate(pair)}
        assert [row[-1] for row in cells(matrix["table"](found))[1:]] == ["", ""]


def cells(table: str) -> list[list[str]]:
    """Return the rows of a Markdown table, whose columns are aligned."""
    head, rule, *rows = table.splitlines()
    assert set(rule) == {"|", "-"}
    assert len({len(line) for line in (head, rule, *rows)}) == 1
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in (head, *rows)]


def test_reference_that_did_not_run(
    matrix: dict[str, Any], read: Callable[..., Any]
) -> None:
    """The first environment with results is the reference."""
    table = matrix["table"]({"py311": ([], None), "py315": (VERSIONS, read())})

    assert "not as in py315" in table
