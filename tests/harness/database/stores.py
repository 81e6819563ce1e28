"""Databases for sites: each site its own, copied from one that was migrated once."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


class SchemaFailed(AssertionError):
    """The target's schema cannot be made."""


class Store(Protocol):
    """Where sites keep their data."""

    def new(self, folder: Path) -> str:
        """Return the URL of a migrated, empty database; *folder* is the site's."""
        ...

    def drop(self, url: str) -> None:
        """Remove the database of an ended site."""
        ...

    def close(self) -> None:
        """Remove what was made for all sites."""
        ...


class SqliteStore:
    """SQLite: a file in each site's folder."""

    def __init__(self, target: Target, scratch: Path) -> None:
        folder = scratch / "template"
        made = target.schema or folder / "made.db"
        if target.schema is None:
            make_schema(target, folder, f"sqlite:///{made}")
        folder.mkdir(parents=True, exist_ok=True)
        #: A database with the schema and nothing in it.
        self.template = folder / "template.db"
        copy_sqlite(made, self.template)

    def new(self, folder: Path) -> str:
        """Copy the template."""
        path = folder / "site.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Leave the file: it goes with the folder of its site."""

    def close(self) -> None:
        """Leave the template: it goes with the session's scratch folder."""


def copy_sqlite(path: Path, to: Path) -> None:
    """Copy a SQLite database whole, a write-ahead log that was left beside it too."""
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


@contextmanager
def moved_away(url: str) -> Iterator[None]:
    """Move a SQLite database away, the files beside it too, while the block runs."""
    path = Path(url.removeprefix("sqlite:///"))
    away = path.with_name("away")
    away.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        file.rename(away / file.name)
    try:
        yield
    finally:
        for file in away.iterdir():
            file.replace(path.with_name(file.name))
        away.rmdir()


def make_schema(target: Target, folder: Path, url: str) -> None:
    """
    Make the target's schema in the empty database *url*.

    By its migrations where it has some (that serve), else from its models.
    """
    workplace = Workplace.prepare(target, folder)
    migrated = target.use_migrations
    if migrated is None:
        migrated = (workplace.code / "migrations").is_dir()
    arguments = ["flask", "db", "upgrade"] if migrated else ["harness_probe.create_all"]
    process = workplace.run(
        *arguments,
        output=folder / "output.txt",
        env={**target.schema_env, "DATABASE_URL": url},
    )
    try:
        status = process.wait(within=30)
    finally:
        process.kill()
    if status != 0:
        said = process.tail()
        raise SchemaFailed(f"{' '.join(arguments)} ended with {status}\n{said}")
