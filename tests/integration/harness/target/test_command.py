"""A command of the target that runs to its end."""

from pathlib import Path

import pytest

from tests.harness.target.command import run
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A workplace with a command that prints its argument, and one that hangs."""
    folder = tmp_path / "original"
    folder.mkdir()
    (folder / "show.py").write_text("import sys\nprint(sys.argv[1])\n")
    (folder / "hang.py").write_text("import signal\nsignal.pause()\n")
    return Workplace.prepare(Target(folder), tmp_path / "site")


def test_repeated_command(workplace: Workplace) -> None:
    """The output of a command leaves out that of earlier ones."""
    run(workplace, "show", "first")

    assert run(workplace, "show", "second").output == "second\n"


def test_command_that_hangs(workplace: Workplace) -> None:
    """A command that does not end is killed at the deadline."""
    with pytest.raises(DeadlineExceeded, match="the end of the process"):
        run(workplace, "hang", within=0.05)
