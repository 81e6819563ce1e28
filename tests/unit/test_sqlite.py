"""What each connection to SQLite is told."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, text

from app import create_app
from app.extensions import db
from app.sqlite import identity, prepare
from tests.harness.behaviour import SHOULD, behaviour


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
