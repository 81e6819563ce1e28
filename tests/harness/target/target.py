"""The implementation under test: a folder with a Flask application."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.database.users import UserTable
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.records import LogLocation

REPOSITORY = Path(__file__).parents[3]
#: The folder on the PYTHONPATH of targets that contains the probe.
PROBE = Path(__file__).parents[1] / "probe" / "inside"

#: The folders of this repository that make up the application.
PARTS = ("app", "migrations")

#: Not copied: secrets and switches (dot files), what earlier runs have left, virtual
#: environments, and what is not part of the application.
EXCLUDED = (
    ".*",
    "__pycache__",
    "*.pyc",
    "*.db",
    "*.db-*",  # SQLite's journal, -wal and -shm
    "*.sqlite*",
    "*.log",
    "*.log.[0-9]*",
    "*.egg-info",
    "htmlcov",
    "instance",
    "node_modules",
    "tests",
)

#: Not copied, unless they are packages.
LOGS = ("log", "logs")

#: The addresses that errors are mailed to, where the target has a setting for it.
ADMINS = ("admin@example.com", "second@example.com")

#: Our own application has to work in Python's development mode.
OWN_ENV = {"PYTHONDEVMODE": "1"}

#: The variables of the caller's environment that programs need to run at all.
INHERITED = ("PATH", "TZ", "SYSTEMROOT", "COMSPEC", "PATHEXT", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Target:
    """An implementation: its folder, its interpreter, its import name."""

    folder: Path
    python: str = sys.executable
    #: ``MODULE`` or ``MODULE:NAME``, where NAME is an application or a factory.
    app: str = "app"
    env: Mapping[str, str] = field(default_factory=dict, hash=False)
    # A contract run discovers the following of other implementations.
    sitemap: SiteMap = field(default_factory=SiteMap, hash=False)
    user_table: UserTable = field(default_factory=UserTable)
    log: LogLocation = field(default_factory=LogLocation)
    admins: tuple[str, ...] = ADMINS
    #: Whether it mails errors.
    mails: bool = True
    #: Whether its migrations make the schema; None means if it has any.
    use_migrations: bool | None = None
    #: Environment variables for making the schema, such as a mode in which it starts.
    schema_env: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: A database with the schema, to be copied.
    schema: Path | None = None
    #: Whether this is the microblog of this repository, or another version of it.
    is_own: bool = False

    @classmethod
    def own(cls, folder: Path = REPOSITORY) -> "Target":
        """Return the microblog of this repository, or another version in *folder*."""
        return cls(folder=folder, app="app:create_app", is_own=True)

    def require_migrations(self) -> None:
        """Raise `NotOffered` if the target has no migrations."""
        if not (self.folder / "migrations").is_dir():
            raise NotOffered("it has no migrations")

    @property
    def _sandbox(self) -> dict[str, str]:
        """The variables that enable the sandbox: see harness_probe/sandbox.py."""
        return {"HARNESS_SANDBOX": "1", "HARNESS_ORIGINAL": str(self.folder)}

    def copy_to(self, folder: Path) -> None:
        """Copy the application to *folder*; the original is only read."""
        parts = [self.folder / name for name in PARTS] if self.is_own else [self.folder]
        for part in parts:
            shutil.copytree(
                part,
                folder / part.relative_to(self.folder),
                ignore=_excluded,
                ignore_dangling_symlinks=True,
            )

    def environment(self, scratch: Path) -> dict[str, str]:
        """Return the environment for a program with *scratch* as its home.

        It contains nothing of the caller's that configures an application, such as mail
        credentials or debug switches.
        """
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {
            **inherited,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "FLASK_SKIP_DOTENV": "1",
            "SECRET_KEY": "a secret of the harness",
            **(OWN_ENV if self.is_own else self._sandbox),
            **self.env,
        }


#: The target of a contract run; otherwise the microblog of this repository is tested.
TARGET = pytest.StashKey[Target]()


def _excluded(folder: str, names: list[str]) -> set[str]:
    """Return which *names* in a folder are not copied; for `shutil.copytree`."""
    return {
        name
        for name in names
        if any(fnmatch(name, pattern) for pattern in EXCLUDED)
        or (Path(folder) / name / "pyvenv.cfg").exists()
        or (name in LOGS and not (Path(folder) / name / "__init__.py").exists())
    }
