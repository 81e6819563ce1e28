"""The table of historic breakages."""

from pathlib import Path

import pytest

from tests.contract.versions.difference import Change, Difference
from tests.contract.versions.specs import parse
from tests.harness.plugin.catalogue import BEHAVIOURS
from tests.history.table import Row, read_table

ROWS, UNAVAILABLE = read_table()
ROW = Row("a row", "https://x.invalid", "a<2", "a>=2", broken=frozenset({"log.file"}))


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_row(row: Row, tmp_path: Path) -> None:
    """Each row can be put together, and names a release, sets and behaviours."""
    row.put_into(tmp_path / "modular")

    assert parse(row.old) != parse(row.new)
    assert row.package
    assert row.release
    assert row.source.startswith("https://")
    assert row.broken | row.fixed
    assert {*row.broken, *row.fixed} <= {*BEHAVIOURS}
    if row.broken:
        hints = [one.name for end in row.ends for one in parse(end).requirements]
        assert row.package not in hints
    listed = tmp_path / "modular" / "requirements.txt"
    assert listed.exists() == bool(row.requirements)


def test_enough() -> None:
    """There are at least twenty rows, no two of one name, and three are quick."""
    assert len(ROWS) >= 20
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert sum(row.quick for row in ROWS) == 3
    assert all(one.reason for one in UNAVAILABLE)


def found(**changes: str) -> Difference:
    """Return a difference: the id of the one behaviour that changed, by kind."""
    rows = {
        kind: (Change(changes[kind], "MUST", "", "", "", "It is\noff."),)
        if kind in changes
        else ()
        for kind in ("broken", "fixed", "flaky")
    }
    return Difference("old", "new", rows, ())


def test_as_expected() -> None:
    """A row whose behaviours broke, and no others, is right."""
    assert ROW.deviations(found(broken="log.file")) == []


def test_deviations() -> None:
    """What did not break, and what changed besides, deviates from the row."""
    assert ROW.deviations(found(broken="log.level", flaky="log.format")) == [
        "log.file is not broken",
        "log.level is broken: It is off.",
        "log.format is flaky: It is off.",
    ]


def test_arguments() -> None:
    """Of an application that does not start any more nothing else is judged."""
    starts = Row("b", "", "a<2", "a>=2", broken=frozenset({"start.plain"}))

    assert ROW.arguments == ("--level", "must")
    assert starts.arguments == ("--level", "must", "--behaviour", "start.plain")
