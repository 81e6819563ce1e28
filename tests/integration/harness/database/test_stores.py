"""Databases for sites."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.database.stores import SchemaFailed, SqliteStore, copy_sqlite
from tests.harness.target.target import Target

#: What makes a table in the database that the environment names.
MAKE = """
import os, sqlite3
path = os.environ["DATABASE_URL"].removeprefix("sqlite:///")
with sqlite3.connect(path) as connection:
    connection.execute("CREATE TABLE {} (id INTEGER)")
connection.close()
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A target that is not written yet."""
    (tmp_path / "original").mkdir()
    return Target(tmp_path / "original")


def write(target: Target, module: str, text: str) -> None:
    """Give the target a module, which hides the real one of that name."""
    path = target.folder / f"{module}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def tables(path: Path) -> list[str]:
    """The tables of a database."""
    with closing(sqlite3.connect(path)) as connection:
        return [name for [name] in connection.execute("SELECT name FROM sqlite_schema")]


def test_migrated(target: Target, tmp_path: Path) -> None:
    """The schema of a target that has migrations is made by them, and copied."""
    (target.folder / "migrations").mkdir()
    write(target, "flask", MAKE.format("migrated"))
    store = SqliteStore(target, tmp_path)

    url = store.new(tmp_path)

    assert url == f"sqlite:///{tmp_path / 'site.db'}"
    assert tables(tmp_path / "site.db") == ["migrated"]


def test_not_migrated(target: Target, tmp_path: Path) -> None:
    """The schema of a target without migrations is made from its models."""
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


def test_known_to_be_migrated(target: Target, tmp_path: Path) -> None:
    """What was found out about the migrations of a target counts, not its folders."""
    write(target, "flask", MAKE.format("migrated"))

    SqliteStore(replace(target, use_migrations=True), tmp_path).new(tmp_path)

    assert tables(tmp_path / "site.db") == ["migrated"]


def test_schema_that_fails(target: Target, tmp_path: Path) -> None:
    """A schema that cannot be made is told with the command's own last words."""
    (target.folder / "migrations").mkdir()
    write(target, "flask", "raise SystemExit('No such revision')")

    with pytest.raises(
        SchemaFailed, match=r"flask db upgrade ended with 1\n.*\nNo such revision"
    ):
        SqliteStore(target, tmp_path)


def test_copy_with_its_log(tmp_path: Path) -> None:
    """A copy has what still stands in the write-ahead log beside the original."""
    with closing(
        sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    ) as open_one:
        open_one.execute("PRAGMA journal_mode = WAL")
        open_one.execute("CREATE TABLE late (id INTEGER)")

        copy_sqlite(tmp_path / "old.db", tmp_path / "new.db")

    assert tables(tmp_path / "new.db") == ["late"]
