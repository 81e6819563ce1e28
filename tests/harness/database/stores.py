"""Databases for sites, each copied from one that was migrated once."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


class SchemaFailed(AssertionError):
    """The target's schema could not be made."""


class Store(Protocol):
    """The databases of sites."""

    def new(self, folder: Path) -> str:
        """Make an empty database with the schema and return its URL.

        Args:
            folder: The folder of the site.
        """
        ...

    def drop(self, url: str) -> None:
        """Remove the database of a site that has ended."""
        ...

    def close(self) -> None:
        """Remove what was made for all sites."""
        ...


class SqliteStore:
    """SQLite databases, each a file in the folder of its site."""

    def __init__(self, target: Target, scratch: Path) -> None:
        folder = scratch / "template"
        made = target.schema or folder / "made.db"
        if target.schema is None:
            make_schema(target, folder, f"sqlite:///{made}")
        folder.mkdir(parents=True, exist_ok=True)
        #: An empty database with the schema.
        self.template = folder / "template.db"
        copy_sqlite(made, self.template)

    def new(self, folder: Path) -> str:
        """Copy the template."""
        path = folder / "site.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Do nothing, as the file is removed with the folder of its site."""

    def close(self) -> None:
        """Do nothing, as the template is removed with the scratch folder."""


def copy_sqlite(path: Path, to: Path) -> None:
    """Copy a SQLite database, including its write-ahead log."""
    with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)


@contextmanager
def moved_away(url: str) -> Iterator[None]:
    """Move a SQLite database away while the block runs, with its journal files."""
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
    """Make the target's schema in an empty database.

    Its migrations make it if there are any, and otherwise its models.

    Args:
        folder: A new folder for the copy of the target.
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
        output = process.tail()
        raise SchemaFailed(f"{' '.join(arguments)} ended with {status}\n{output}")
