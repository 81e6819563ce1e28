"""The folder in which a target runs: never its own."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import coverage

from tests.harness import measured
from tests.harness.target import PROBE, REPOSITORY, Target


@dataclass(frozen=True)
class Workplace:
    """A scratch folder with a copy of a target, and what it shares with the probe."""

    target: Target
    folder: Path

    @classmethod
    def prepare(cls, target: Target, folder: Path) -> Self:
        """Copy *target* to *folder*, which is made if missing."""
        workplace = cls(target, folder)
        workplace.state.mkdir(parents=True)
        target.copy_to(workplace.code)
        return workplace

    @property
    def code(self) -> Path:
        """The copy of the target, its current directory."""
        return self.folder / "target"

    @property
    def state(self) -> Path:
        """What the harness and the probe tell each other."""
        return self.folder / "state"

    def environment(self, *, probed: bool = True) -> dict[str, str]:
        """Return the environment of a program of the target, the probe in it or not."""
        env = {
            **self.target.environment(self.folder),
            "PYTHONPATH": os.pathsep.join([str(PROBE), str(self.code)]),
            "FLASK_APP": "harness_probe" if probed else self.target.app,
            "HARNESS_TARGET": self.target.app,
            "HARNESS_STATE": str(self.state),
        }
        if self.target.folder == REPOSITORY:
            env |= measured.environment(
                self.folder, self.code, coverage.Coverage.current()
            )
        return env
