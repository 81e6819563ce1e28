"""What is tested: a folder with a Flask application, and how it is started."""

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
#: What is put on the PYTHONPATH of the target.
PROBE = Path(__file__).parents[1] / "probe" / "inside"

#: What of this repository is the application: the rest need not be copied.
PARTS = ("app", "migrations")

#: Never copied: secrets and switches (dot files), traces of earlier runs,
#: other people's environments, and what is not the application.
LEFT_OUT = (
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

#: Left out too, unless they are packages.
LOGS = ("log", "logs")

#: Whom errors are mailed to, where the target lets one choose.
ADMINS = ("admin@example.com", "second@example.com")

#: Our own code has to hold under Python's development mode.
OWN = {"PYTHONDEVMODE": "1"}

#: What a program needs of the system that it runs on, and no more.
KEPT = ("PATH", "TZ", "SYSTEMROOT", "COMSPEC", "PATHEXT", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Target:
    """An implementation: its folder, its interpreter, its import name."""

    folder: Path
    python: str = sys.executable
    #: ``MODULE`` or ``MODULE:NAME``, where NAME is an application or a factory.
    app: str = "app"
    env: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: What a contract run finds out about other implementations.
    sitemap: SiteMap = field(default_factory=SiteMap, hash=False)
    user_table: UserTable = field(default_factory=UserTable)
    log: LogLocation = field(default_factory=LogLocation)
    admins: tuple[str, ...] = ADMINS
    #: Whether it was seen to mail an error.
    mails: bool = True
    #: Whether the schema comes from the migrations; None: if there are some.
    use_migrations: bool | None = None
    #: What the environment needs for its schema to be made: a mode in which it starts.
    schema_env: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: A database that has its schema already, to be copied.
    schema: Path | None = None
    #: Whether this is the microblog of this repository, or another version of it.
    is_own: bool = False

    @classmethod
    def own(cls, folder: Path = REPOSITORY) -> "Target":
        """Return the microblog, as it is in this repository or in another *folder*."""
        return cls(folder=folder, app="app:create_app", is_own=True)

    def require_migrations(self) -> None:
        """
        Say that there is nothing to judge about migrations if there are none.

        :raise NotOffered: there are none
        """
        if not (self.folder / "migrations").is_dir():
            raise NotOffered("it has no migrations")

    @property
    def _strange(self) -> dict[str, str]:
        """What makes the probe careful: see harness_probe/sandbox.py."""
        return {"HARNESS_SANDBOX": "1", "HARNESS_ORIGINAL": str(self.folder)}

    def copy_to(self, folder: Path) -> None:
        """Copy the application to *folder*; the original is only ever read."""
        parts = [self.folder / name for name in PARTS] if self.is_own else [self.folder]
        for part in parts:
            shutil.copytree(
                part,
                folder / part.relative_to(self.folder),
                ignore=_left_out,
                ignore_dangling_symlinks=True,
            )

    def environment(self, scratch: Path) -> dict[str, str]:
        """
        Return a clean environment for a program that runs in *scratch*.

        Nothing of the caller's own is handed down: neither mail credentials
        nor debug switches, nor where the caller is at home.
        """
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {
            **kept,
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "FLASK_SKIP_DOTENV": "1",
            "SECRET_KEY": "a secret of the harness",
            **(OWN if self.is_own else self._strange),
            **self.env,
        }


#: What a run judges, if it is not this repository's own microblog.
TARGET = pytest.StashKey[Target]()


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Say which *names* of a *folder* stay behind (for shutil.copytree)."""
    return {
        name
        for name in names
        if any(fnmatch(name, pattern) for pattern in LEFT_OUT)
        or (Path(folder) / name / "pyvenv.cfg").exists()
        or (name in LOGS and not (Path(folder) / name / "__init__.py").exists())
    }
