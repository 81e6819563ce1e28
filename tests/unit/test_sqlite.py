"""What SQLite is asked before the start, and each connection to it is told."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, make_url, text

from app import create_app
from app.config import ConfigError
from app.extensions import db
from app.sqlite import demand_place, identity, prepare
from tests.harness.plugin.behaviour import SHOULD, behaviour
from tests.unit.unprivileged import unprivileged


@behaviour("data.sqlite-workers", SHOULD)
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        *(("busy_timeout", 5000), ("journal_mode", "wal")),
        *(("synchronous", 1), ("foreign_keys", 1)),
    ],
)
@pytest.mark.usefixtures("request_context")
def test_pragmas(pragma: str, value: object) -> None:
    """Each connection waits for writers, reads beside them and checks references."""
    assert db.session.scalar(text(f"PRAGMA {pragma}")) == value


@behaviour("config.bad-value", SHOULD)
@pytest.mark.parametrize("path", ["no/such/x.db", "."], ids=["no-folder", "folder"])
def test_place_for_no_file(tmp_path: Path, path: str) -> None:
    """A path at which no file can be stops the start with a line that says so."""
    url = f"sqlite:///{tmp_path / path}"

    with pytest.raises(ConfigError, match=r"^DATABASE_URL: [^\n]* in a folder that"):
        create_app({"SECRET_KEY": "a key", "SQLALCHEMY_DATABASE_URI": url})


@behaviour("config.bad-value", SHOULD)
def test_file_of_another_kind(tmp_path: Path) -> None:
    """A file that is no database stops the start with a line that says so."""
    path = tmp_path / "app.db"
    path.write_text("not at all")

    with pytest.raises(
        ConfigError, match=r"^DATABASE_URL: [^\n]* is no SQLite database"
    ):
        create_app(
            {"SECRET_KEY": "a key", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"}
        )

    assert path.read_text() == "not at all"


@behaviour("config.bad-value", SHOULD)
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    """A file that is somebody else's stops the start with a line that says so."""
    path = tmp_path / "app.db"
    path.write_text("not ours")
    path.chmod(0)
    url = f"sqlite:///{path}"

    with (
        unprivileged(),
        pytest.raises(ConfigError, match=r"^DATABASE_URL: [^\n]*: Permission denied$"),
    ):
        demand_place(make_url(url))


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///file:/no/such/x.db?uri=true"], ids=["memory", "uri"]
)
def test_database_without_a_path(tmp_path: Path, url: str) -> None:
    """A database in memory needs no folder, and a URI is left to SQLite."""
    app = create_app(
        {
            "SECRET_KEY": "a key",
            "SQLALCHEMY_DATABASE_URI": url,
            "LOG_DIR": tmp_path / "logs",
        }
    )

    assert app.config["SQLALCHEMY_DATABASE_URI"] == url


def test_other_databases_are_left_alone(app: Flask) -> None:
    """An engine of another database gets none of SQLite's statements."""
    postgres = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://nowhere.invalid/x",
            "LOG_DIR": app.config["LOG_DIR"],
        }
    )

    with postgres.app_context():
        assert not event.contains(db.engine, "connect", prepare)


def test_identity(tmp_path: Path) -> None:
    """A file is the same wherever it lies, and where there is none it is None."""
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    Path(here).touch()
    Path(there).touch()
    one, other = identity(here), identity(there)

    Path(here).replace(there)

    assert one != other
    assert (identity(here), identity(there)) == (None, one)
