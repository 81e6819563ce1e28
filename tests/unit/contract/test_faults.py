"""The table of deliberate faults, and the command that tries them out."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.__main__ import main, try_out
from tests.faults.table import (
    STANDINS,
    Edit,
    Fault,
    Misplaced,
    Outcome,
    read_table,
)

FAULT = Fault(
    *("a fault", "a.py", "one", "two"),
    breaks=frozenset({"log.file"}),
    blocks=frozenset({"log.format"}),
    hides=frozenset({"log.level"}),
)
HARMLESS = Fault("harmless", "config.py", "import os", "import os, sys")


def judged(**outcomes: str) -> Outcome:
    """Return the outcome of a run; an underscore stands for the dot of an id."""
    found = {"log.level": "not offered", "log.format": "blocked"}
    found |= {name.replace("_", "."): outcome for name, outcome in outcomes.items()}
    return Outcome(FAULT, 12.34, found, dict.fromkeys(found, "no idea"))


@pytest.mark.parametrize(
    "fault", [pytest.param(one, id=one.name) for one in read_table()]
)
def test_place(fault: Fault, tmp_path: Path) -> None:
    """The text that a fault replaces occurs exactly once in the stand-in."""
    shutil.copytree(STANDINS / fault.into, tmp_path, dirs_exist_ok=True)

    fault.put_into(tmp_path)


def test_enough() -> None:
    """There are at least thirty faults, each with its own name."""
    names = {fault.name for fault in read_table()}

    assert len(names) == len(read_table())
    assert len(names) >= 30


def test_put_in(tmp_path: Path) -> None:
    """A fault is put into a file by replacing text."""
    (tmp_path / "a.py").write_text("zero one\n")

    FAULT.put_into(tmp_path)

    assert (tmp_path / "a.py").read_text() == "zero two\n"


def test_more_edits(tmp_path: Path) -> None:
    """A fault may be put into several files, and make a new one."""
    (tmp_path / "a.py").write_text("one")
    more = (Edit("a.py", "two", "three"), Edit("b.py", "", "new"))

    replace(FAULT, also=more).put_into(tmp_path)

    assert (tmp_path / "a.py").read_text() == "three"
    assert (tmp_path / "b.py").read_text() == "new"


def test_no_place(tmp_path: Path) -> None:
    """A fault whose text is not in the file cannot be put in."""

    with pytest.raises(Misplaced, match=r"a\.py contains the text 0 times"):
        FAULT.put_into(tmp_path)


def test_as_it_should_be() -> None:
    """A fault that breaks and hides exactly its behaviours is "ok" in one line."""
    outcome = judged(log_file="failed", mail_x="passed")

    assert outcome.deviations == []
    assert str(outcome).split() == (
        [
            "ok",
            "12.3",
            "s",
            "a",
            "fault",
            *("1", "of", "4", "fail,", "1", "blocked,", "1", "not", "offered"),
        ]
    )


@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        (
            judged(log_file="failed", a_b="failed"),
            ["a fault: a.b: false alarm, it fails: no idea"],
        ),
        (
            judged(log_file="passed"),
            ["a fault: log.file: not detected, it is passed"],
        ),
        (judged(), ["a fault: log.file: not detected, it is not judged"]),
        (
            judged(log_file="failed", a_b="not offered"),
            ["a fault: a.b: no longer offered: no idea"],
        ),
        (
            judged(log_file="failed", log_level="passed"),
            ["a fault: log.level: not detected, it is passed"],
        ),
        (
            judged(log_file="failed", a_b="blocked"),
            ["a fault: a.b: false alarm, it is blocked: no idea"],
        ),
        (
            judged(log_file="failed", log_format="passed"),
            ["a fault: log.format: not detected, it is passed"],
        ),
        (
            judged(log_file="failed", log_format="failed"),
            ["a fault: log.format: false alarm, it fails: no idea"],
        ),
        (
            judged(log_file="failed", a_b="broken"),
            ["a fault: a.b: could not be judged: no idea"],
        ),
        (Outcome(FAULT, 1, trouble="it died"), ["a fault: it died"]),
    ],
    ids=[
        *("alarm", "blind", "not-judged", "hidden", "shown"),
        *("blocked", "not-blocked", "not-only-blocked", "broken", "trouble"),
    ],
)
def test_deviations(outcome: Outcome, lines: list[str]) -> None:
    """Each deviation is one line that names the fault and the behaviour."""
    assert outcome.deviations == lines
    assert str(outcome).startswith("WRONG")


def test_blocks_all_others() -> None:
    """A fault may block every behaviour that it does not break."""
    fault = replace(FAULT, blocks=frozenset({"*"}), hides=frozenset())
    outcomes = {"log.file": "failed", "a.b": "blocked", "a.c": "passed"}

    outcome = Outcome(fault, 1, outcomes, dict.fromkeys(outcomes, "no idea"))

    assert outcome.deviations == ["a fault: a.c: not detected, it is passed"]


def pretend(folder: Path, profile: Path, report: Path) -> tuple[int, str]:
    """Fail log.file if the fault is in the folder, without running the judge."""
    assert "schema" in profile.read_text()
    faulty = "sys" in (folder / "config.py").read_text()
    report.mkdir()
    outcome = "failed" if faulty else "passed"
    row = {"id": "log.file", "outcome": outcome, "reason": ""}
    row |= {"expected": "a record", "actual": "nothing\nat all" if faulty else ""}
    (report / "behaviours.json").write_text(json.dumps({"behaviours": [row]}))
    return int(faulty), ""


def test_tried_out() -> None:
    """A fault is put into a copy of the stand-in, not into the original."""
    outcome = try_out(HARMLESS, pretend)

    assert outcome.outcomes == {"log.file": "failed"}
    assert "sys" not in (STANDINS / "modular" / "config.py").read_text()


def overdue(folder: Path, profile: Path, report: Path) -> tuple[int, str]:
    """Time out."""
    raise subprocess.TimeoutExpired("it", 300)


def test_no_verdict() -> None:
    """A run without a report, or over its time, is reported with its reason."""
    gone = Fault("gone", "config.py", "nothing like it", "")

    assert try_out(HARMLESS, lambda *_: (2, "it\ncannot")).trouble == (
        "status 2: it cannot"
    )
    assert "timed out after 300" in try_out(HARMLESS, overdue).trouble
    assert try_out(gone, pretend).trouble == "config.py contains the text 0 times"


def test_all_right(capsys: pytest.CaptureFixture[str]) -> None:
    """If every fault breaks exactly its behaviours, the exit status is 0."""
    faults = [Fault("sound"), Fault("other")]

    assert main(["sou"], faults, pretend) == 0
    first, last = capsys.readouterr().out.split("\n\n")
    assert first.startswith("ok")
    assert last.startswith("1 of 1 have the listed effects, in ")


def test_something_deviates(capsys: pytest.CaptureFixture[str]) -> None:
    """Deviations are listed at the end, and the exit status is 1."""
    assert main([], [Fault("sound"), HARMLESS], pretend) == 1
    printed = capsys.readouterr().out
    assert "harmless: log.file: false alarm, it fails: a record, but nothing" in printed
    assert "\n1 of 2 have" in printed


def test_no_such_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that matches no fault is a failure."""
    assert main(["nonsense"], judge=pretend) == 1

    assert "0 of 0" in capsys.readouterr().out
