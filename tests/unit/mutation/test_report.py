"""The verdict on a run, its reports, and the results that are kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.mutation import operators
from tests.mutation.report import Report
from tests.mutation.runner import Result, State, all_mutants

SOURCE = "x = 'é' < y, 1\nz = 2\n"


def result(status: str, *killers: str, stage: str = "unit") -> Result:
    """Return a result with killers, each a test or the id of a behaviour."""
    found: list[dict[str, Any]] = [
        {"test": f"test of {name}", "behaviours": [name] if "." in name else []}
        for name in killers
    ]
    return Result("key", stage, status, found, tests=3)


@pytest.fixture
def report() -> Report:
    """A report of seven mutants, one killed in each way, and two argued."""
    found = operators.mutants("app/a.py", SOURCE.encode())
    results = [
        result("Killed", "mail.sent"),
        result("Killed", "mail.sent", "log.file", stage="integration"),
        result("Killed", "plain"),
        result("Timeout"),
        result("Survived"),
        result("NoCoverage"),
        result("Killed", "log.file"),
    ]
    arguments = {("app/a.py", found[at].mutation): "<why>" for at in (5, 6)}
    return Report(dict(zip(found, results, strict=False)), arguments)


def test_table(report: Report) -> None:
    """A row counts the mutants of a file by what became of them."""
    assert list(report.by_file()) == [("app/a.py", 7, 4, 1, 1, 1)]


def test_complaints(report: Report) -> None:
    """A mutant that lives, or is argued and killed, fails the run; so do stale rows."""
    known = {(one.file, one.mutation) for one in report.results}
    found = list(report.complaints(known - {*list(report.arguments)[:1]}))
    mutants = list(report.results)

    assert found == [
        f"app/a.py:1: {mutants[4].mutation}: Survived",
        f"app/a.py:1: {mutants[6].mutation}: is argued, but killed by log.file",
        f"app/a.py: {mutants[5].mutation}: is argued, but there is no such mutant",
        f"2 of {len(known) - 1} mutants are argued: too many",
    ]


def test_no_complaints(report: Report) -> None:
    """A run in which all mutants are killed or argued succeeds."""
    mutant, *_ = report.results
    argued = {(mutant.file, mutant.mutation): "why"}
    known = {("app/a.py", str(number)) for number in range(99)} | {*argued}

    assert list(Report({mutant: result("Survived")}, argued).complaints(known)) == []


def test_behaviours_that_kill(report: Report) -> None:
    """A behaviour kills a mutant alone if no other test notices it."""
    every, alone = report.alone()

    assert every == {"mail.sent": 2, "log.file": 2}
    assert alone == {"mail.sent": 1, "log.file": 1}


def test_files(report: Report, tmp_path: Path) -> None:
    """The report is written in Stryker's schema, with behaviours, and as a page."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.py").write_text(SOURCE, encoding="utf-8")

    report.write(tmp_path, tmp_path)

    document = json.loads((tmp_path / "mutation.json").read_text(encoding="utf-8"))
    mutants = document["files"]["app/a.py"]["mutants"]
    assert document["schemaVersion"] == "2"
    assert document["testFiles"]["tests"]["tests"][0]["id"] == "log.file"
    assert [one["status"] for one in mutants][3:] == [
        *("Timeout", "Survived", "Ignored", "Killed")
    ]
    assert [one["killedBy"] for one in mutants][:3] == [
        ["mail.sent"],
        ["log.file", "mail.sent"],
        ["test of plain"],
    ]
    assert mutants[0]["location"] == {
        "start": {"line": 1, "column": 12},
        "end": {"line": 1, "column": 15},
    }
    page = (tmp_path / "mutation.html").read_text(encoding="utf-8")
    assert "<td>mail.sent<td>2<td>1" in page
    assert "&lt;why&gt;" in page


def test_arguments_are_read(tmp_path: Path) -> None:
    """The rows of the TOML file are found by file and mutation."""
    path = tmp_path / "equivalents.toml"
    path.write_text('[[equivalent]]\nfile = "a"\nmutation = "b"\nreason = "c"\n')

    assert Report.read({}, path).arguments == {("a", "b"): "c"}


def test_every_argument_is_about_a_mutant() -> None:
    """No row of equivalents.toml is stale, and no more than 3 % are argued."""
    root = Path(__file__).parents[3]
    known = {(one.file, one.mutation) for one in all_mutants(root)}
    report = Report.read({}, root / "tests/mutation/equivalents.toml")

    assert list(report.complaints(known)) == []


def test_state(tmp_path: Path) -> None:
    """Results are kept in a file, and the last one of a mutant counts."""
    path = tmp_path / "results.jsonl"
    State(path).add(result("Survived"))
    State(path).add(result("Killed", "mail.sent"))

    assert State(path).get("key", "unit") == result("Killed", "mail.sent")
    assert State(path).get("key", "integration") is None
