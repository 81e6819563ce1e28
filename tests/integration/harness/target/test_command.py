"""A command of the target that runs and ends."""

from pathlib import Path

import pytest

from tests.harness.target.command import CompletedCommand, run
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A target with a command that shows what it got, and one that does not end."""
    folder = tmp_path / "original"
    folder.mkdir()
    (folder / "show.py").write_text(
        "import os, sys\n"
        "print(sys.argv[1], os.environ['MODE'], os.environ['FLASK_APP'])\n"
        "sys.exit(3)\n"
    )
    (folder / "hang.py").write_text("import signal\nsignal.pause()\n")
    return Workplace.prepare(Target(folder), tmp_path / "site")


def test_finished(workplace: Workplace) -> None:
    """A command tells its exit status and what it printed."""
    finished = run(workplace, "show", "all", env={"MODE": "fast"})

    assert finished == CompletedCommand(3, "all fast app\n")


def test_output_of_the_last_one(workplace: Workplace) -> None:
    """The output is that of this run of a command, whatever ran before."""
    for mode in ("first", "second"):
        finished = run(workplace, "show", "all", env={"MODE": mode})

    assert finished.output == "all second app\n"


def test_overdue(workplace: Workplace) -> None:
    """A command that does not end is killed at the deadline."""
    with pytest.raises(DeadlineExceeded, match="the end of the process"):
        run(workplace, "hang", within=0.05)


@pytest.mark.parametrize(
    ("output", "line"), [("one\ntwo\n\n", "two"), ("one", "one"), ("", "")]
)
def test_last_line(output: str, line: str) -> None:
    """The last line of an output is that before its final blanks, "" if none."""
    assert CompletedCommand(0, output).last_line == line
