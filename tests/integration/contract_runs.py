"""Stand-ins for other people's implementations, judged by the command."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.table import STANDINS
from tests.harness.target.target import REPOSITORY

#: The stand-in's profile, which saves each run the discovery.
KNOWN = 'app = "app:app"\nschema = "models"\n'


@dataclass(frozen=True)
class Run:
    """The result of the command."""

    target: Path
    status: int
    said: str
    report: Path

    @property
    def outcomes(self) -> dict[str, str]:
        """Return the outcome of each behaviour, by its id."""
        run = json.loads((self.report / "behaviours.json").read_text())
        return {row["id"]: row["outcome"] for row in run["behaviours"]}

    def ended(self, outcome: str) -> set[str]:
        """Return the ids of the behaviours with this outcome."""
        return {name for name, ended in self.outcomes.items() if ended == outcome}


def judge(
    target: Path, *behaviours: str, profile: str = "", level: str = "must"
) -> Run:
    """Run the command on *target*, for some behaviours of a level."""
    report = target.with_name("report")
    wanted = [text for each in behaviours for text in ("--behaviour", each)]
    if profile:
        path = target.with_name("profile.toml")
        path.write_text(profile)
        wanted += ["--target-profile", str(path)]
    finished = command(
        *("--target", str(target), "--report", str(report), *wanted),
        *("--level", level),
    )
    return Run(target, finished.returncode, finished.stdout, report)


def command(
    *arguments: str, env: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tests.contract", *arguments],
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
    )


def standin(name: str, folder: Path) -> Path:
    """Return a copy of a stand-in."""
    shutil.copytree(
        STANDINS / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
    )
    return folder / name


def edit_about_me(target: Path, then: str) -> None:
    """Change what the stand-in does with a submitted about-me."""
    views = target / "app" / "views.py"
    last = "    form = EditProfileForm(current_user.username, obj=current_user)\n"
    more = f"    if request.form.get('about_me'):\n        {then}\n"
    views.write_text(views.read_text().replace(last, last + more))
