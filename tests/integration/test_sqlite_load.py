"""A site on SQLite under load, while an operator handles its database file."""

import itertools
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.harness.database.stores import copy_sqlite
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.disturbances import WORKERS, Operations
from tests.integration.shifted_clock import clock_settings
from tests.integration.strategies import by_profile

#: Holds a lock until its input ends. It is another process, because closing a file
#: drops all locks that the same process has on it.
HOLD_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a database locked by another program while the block runs."""
    command = [sys.executable, "-c", HOLD_LOCK, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "locked\n"
        yield


def posts_in(path: Path) -> set[str]:
    """Return the posts in a database file, after an integrity check."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {body for (body,) in connection.execute("SELECT body FROM post")}


class FileOperations(Operations):
    """What an operator does to the database file.

    Attributes:
        retired: Files that were the database and are no more; a post that was confirmed
            in their time is in one of them.
    """

    def __init__(self, site: Site, mailbox: Mailbox) -> None:
        super().__init__(site, mailbox)
        self.path = Path(site.env["DATABASE_URL"].removeprefix("sqlite:///"))
        self.retired: list[Path] = []
        self._numbers = itertools.count()

    def _new_path(self) -> Path:
        return self.path.with_name(f"file-{next(self._numbers)}.db")

    def _retire(self) -> Path:
        self.retired.append(path := self._new_path())
        return path

    def move_away(self) -> None:
        """Move the file away, and back after a while."""
        away = self._new_path()
        self.path.rename(away)
        self.load.go_on(20)
        assert not self.path.exists()
        away.rename(self.path)

    def make_directory(self) -> None:
        """Move the file away, and make a directory in its place for a while."""
        away = self._new_path()
        self.path.rename(away)
        self.path.mkdir()
        self.load.go_on(20)
        self.path.rmdir()
        away.rename(self.path)

    def restore_by_rename(self) -> None:
        """Rename a backup over the file."""
        copy_sqlite(self.path, backup := self._new_path())
        self.load.go_on(20)
        self._retire().hardlink_to(self.path)
        backup.replace(self.path)

    def restore_in_place(self) -> None:
        """Copy a backup into the file, while no one else writes."""
        copy_sqlite(self.path, backup := self._new_path())
        self.load.go_on(20)
        with locked(self.path):
            shutil.copyfile(self.path, self._retire())
            shutil.copyfile(backup, self.path)

    def truncate(self) -> None:
        """Empty the file, and restore it after a while."""
        with locked(self.path):
            shutil.copyfile(self.path, backup := self._new_path())
            self.path.write_bytes(b"")
        self.load.go_on(20)
        backup.replace(self.path)

    def lock(self) -> None:
        """Lock the database for a while."""
        with locked(self.path):
            self.load.go_on(4)


@behaviour("data.sqlite-file")
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_operations_under_load(launcher: Launcher, tmp_path: Path) -> None:
    """However its file is handled under load, nothing is lost, and all recovers."""
    with (
        Mailbox() as mailbox,
        launcher.launch(
            workers=WORKERS, mail=mailbox, env=clock_settings(tmp_path)
        ) as site,
    ):
        operator = FileOperations(site, mailbox)
        figures = operator.run(
            [
                *(operator.move_away, operator.make_directory, operator.truncate),
                *(operator.restore_by_rename, operator.restore_in_place),
                operator.lock,
            ],
            seconds=by_profile(quick=0, thorough=1800),
        )
        print(figures)

        stored = set.union(*map(posts_in, [operator.path, *operator.retired]))
        assert set(operator.load.confirmed) <= stored
        assert operator.load.foreign == []
