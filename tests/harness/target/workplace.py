"""The folder in which a target runs: never its own."""

import atexit
import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import coverage

from tests.harness.server.fork_server import ForkServer, startup_environment
from tests.harness.server.process import Process
from tests.harness.target import coverage_settings
from tests.harness.target.target import PROBE, Target

#: What the programs of a microblog import of others, and most of them need.
IMPORTED = (
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
        if self.target.python == sys.executable:  # another may be without coverage
            env |= coverage_settings.environment(
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
        """
        Start ``python -m ARGUMENTS`` of the target's own Python.

        :param output: the file to which all that it prints is added
        :param env: environment variables, on top of everything else
        :param probed: whether FLASK_APP is the probe, or the target alone
        :param cwd: the current directory; None: the copy of the target
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
        """Return what can fork a program with *env*; None: it has to start cold."""
        usual = startup_environment(self.target.environment(self.folder))
        another = self.target.python != sys.executable
        if another or startup_environment(env) != usual or not hasattr(os, "fork"):
            return None
        # A module may read what the target is given as it is imported.
        return _fork_server(frozenset((usual | dict(self.target.env)).items()))


@functools.cache
def _fork_server(env: frozenset[tuple[str, str]]) -> ForkServer:
    """Return this process's own fork_server, which ends with it."""
    fork_server = ForkServer(dict(env), IMPORTED)
    atexit.register(fork_server.close)
    return fork_server
