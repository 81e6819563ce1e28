"""Databases for sites."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.database.stores import SchemaFailed, SqliteStore, copy_sqlite
from tests.harness.target.target import Target

#: Makes a table in the database that the environment names.
MAKE = """
import os, sqlite3
path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
with sqlite3.connect(path) as connection:
    connection.execute("CREATE TABLE {} (id INTEGER)")
connection.close()
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A target without any files."""
    (tmp_path / "original").mkdir()
    return Target(tmp_path / "original")


def write(target: Target, module: str, text: str) -> None:
    """Write a module of the target, which shadows the real one of that name."""
    path = target.folder / f"{module}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tables(path: Path) -> list[str]:
    """Return the names of the tables in a database."""
    with closing(sqlite3.connect(path)) as connection:
        return [name for [name] in connection.execute("SELECT name FROM sqlite_schema")]


def test_migrated(target: Target, tmp_path: Path) -> None:
    """The migrations of a target make its schema, which is then copied."""
    (target.folder / "migrations").mkdir()
    write(target, "flask", MAKE.format("migrated"))
    store = SqliteStore(target, tmp_path)

    url = store.new(tmp_path)

    assert url == f"sqlite:///{tmp_path / 'site.db'}"
    assert tables(tmp_path / "site.db") == ["migrated"]


def test_not_migrated(target: Target, tmp_path: Path) -> None:
    """The models of a target without migrations make its schema."""
    write(
        target,
        "app",
        "import os, sqlite3\n"
        "from flask import Flask\n"
        "app = Flask(__name__)\n"
        "class Database:\n"
        "    def create_all(self):\n"
        "        path = os.environ['DATABASE_URL'].removeprefix('sqlite:///')\n"
        "        connection = sqlite3.connect(path)\n"
        "        connection.execute('CREATE TABLE modelled (id INTEGER)')\n"
        "        connection.close()\n"
        "app.extensions['sqlalchemy'] = Database()\n",
    )
    store = SqliteStore(target, tmp_path)

    store.new(tmp_path)

    assert tables(tmp_path / "site.db") == ["modelled"]


def test_discovered_migrations(target: Target, tmp_path: Path) -> None:
    """Migrations are used if they were discovered, whatever folders the target has."""
    write(target, "flask", MAKE.format("migrated"))

    SqliteStore(replace(target, use_migrations=True), tmp_path).new(tmp_path)

    assert tables(tmp_path / "site.db") == ["migrated"]


def test_failed_schema(target: Target, tmp_path: Path) -> None:
    """The error about a failed migration shows the output of the command."""
    (target.folder / "migrations").mkdir()
    write(target, "flask", "raise SystemExit('No such revision')")

    with pytest.raises(
        SchemaFailed, match=r"flask db upgrade ended with 1\n.*\nNo such revision"
    ):
        SqliteStore(target, tmp_path)


def test_copied_write_ahead_log(tmp_path: Path) -> None:
    """A copy contains what is still in the original's write-ahead log."""
    with closing(
        sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    ) as open_one:
        open_one.execute("PRAGMA journal_mode = WAL")
        open_one.execute("CREATE TABLE late (id INTEGER)")

        copy_sqlite(tmp_path / "old.db", tmp_path / "new.db")

    assert tables(tmp_path / "new.db") == ["late"]
