"""The folder in which a target runs, with a copy of it."""

import atexit
import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.harness.server.fork_server import ForkServer, startup_environment
from tests.harness.server.process import Process
from tests.harness.target.coverage_settings import coverage_environment
from tests.harness.target.target import PROBE, Target

#: The libraries that most programs of a microblog import.
PRELOADED = (
    "coverage",
    "email_validator",
    "flask.cli",
    "flask_login",
    "flask_migrate",
    "flask_sqlalchemy",
    "flask_wtf",
    "psycopg",
    "sqlalchemy.dialects.sqlite",
)


@dataclass(frozen=True)
class Workplace:
    """A scratch folder with a copy of a target and the files of the probe."""

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
        """The copy of the target."""
        return self.folder / "target"

    @property
    def state(self) -> Path:
        """The folder that the harness shares with the probe."""
        return self.folder / "state"

    def environment(self, *, probed: bool = True) -> dict[str, str]:
        """Return the environment of a program of the target, with or without the probe.

        The probe is FLASK_APP then, and otherwise the target itself.
        """
        env = {
            **self.target.environment(self.folder),
            "PYTHONPATH": os.pathsep.join([str(PROBE), str(self.code)]),
            "FLASK_APP": "harness_probe" if probed else self.target.app,
            "HARNESS_TARGET": self.target.app,
            "HARNESS_STATE": str(self.state),
        }
        # Whatever measures this process has been imported; the judge runs without it.
        coverage = sys.modules.get("coverage")
        if coverage and self.target.python == sys.executable:
            env |= coverage_environment(
                self.folder,
                self.code if self.target.is_own else None,
                coverage.Coverage.current(),
            )
        return env

    def run(
        self,
        *arguments: str,
        output: Path,
        env: Mapping[str, str] | None = None,
        probed: bool = True,
        cwd: Path | None = None,
    ) -> Process:
        """Start ``python -m ARGUMENTS`` with the target's interpreter.

        Args:
            output: The file that the output is appended to.
            env: Environment variables that take precedence over all others.
            probed: Whether FLASK_APP is the probe, or else the target itself.
            cwd: The current directory, by default the copy of the target.
        """
        whole = {**self.environment(probed=probed), **(env or {})}
        return Process(
            [self.target.python, "-m", *arguments],
            cwd=cwd or self.code,
            env=whole,
            output=output,
            fork_server=self._fork_server(whole),
        )

    def _fork_server(self, env: Mapping[str, str]) -> ForkServer | None:
        """Return what can fork a program with *env*, None if it has to be started."""
        usual = startup_environment(self.target.environment(self.folder))
        another = self.target.python != sys.executable
        if another or startup_environment(env) != usual or not hasattr(os, "fork"):
            return None
        # A library may read the target's own variables when it is imported.
        return _fork_server(frozenset((usual | dict(self.target.env)).items()))


@functools.cache
def _fork_server(env: frozenset[tuple[str, str]]) -> ForkServer:
    """Return the fork server for an environment, which ends with this process."""
    server = ForkServer(dict(env), PRELOADED)
    atexit.register(server.close)
    return server
