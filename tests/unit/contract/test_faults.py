"""The table of deliberate faults."""

from pathlib import Path

import pytest

from tests.harness.contract.faults import STANDINS, Fault, Outcome, main, read_table

FAULT = Fault("a fault", "a.py", "one", "two", frozenset({"log.file"}))


@pytest.mark.parametrize(
    "fault", [pytest.param(one, id=one.name) for one in read_table()]
)
def test_place(fault: Fault) -> None:
    """Each fault of the table has exactly one place in the stand-in."""
    assert (STANDINS / "modular" / fault.file).read_text().count(fault.find) == 1


def test_enough() -> None:
    """There are at least thirty faults, no two of one name."""
    names = {fault.name for fault in read_table()}

    assert len(names) == len(read_table())
    assert len(names) >= 30


def test_put_in(tmp_path: Path) -> None:
    """A fault is put into a file by replacing."""
    (tmp_path / "a.py").write_text("zero one\n")

    FAULT.put_into(tmp_path)

    assert (tmp_path / "a.py").read_text() == "zero two\n"


def test_no_place(tmp_path: Path) -> None:
    """A fault whose place is gone ends the run."""
    (tmp_path / "a.py").write_text("")

    with pytest.raises(SystemExit, match=r"a fault: a\.py has it 0 times"):
        FAULT.put_into(tmp_path)


@pytest.mark.parametrize(
    ("failed", "trouble", "told"),
    [
        ({"log.file"}, "", "ok    a fault"),
        ({"log.file", "a.b"}, "", "WRONG a fault\n      false alarm: a.b"),
        (set(), "", "WRONG a fault\n      not noticed: log.file"),
        (set(), "it died", "WRONG a fault\n      it died"),
    ],
)
def test_outcome(failed: set[str], trouble: str, told: str) -> None:
    """Only exactly the right failures are right."""
    outcome = Outcome(FAULT, frozenset(failed), trouble)

    assert str(outcome) == told
    assert outcome.is_right is told.startswith("ok")


def test_no_such_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that no fault has is a failure, not a success."""
    assert main(["nonsense"]) == 1
    assert capsys.readouterr().out == "0 of 0 faults break what they should\n"
