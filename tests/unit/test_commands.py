"""The `flask` commands."""

from collections.abc import Iterator

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.commands import SEED_PASSWORD, SEED_POSTS, SEED_USERS
from app.extensions import db
from app.models import Post, User
from tests.harness.plugin.behaviour import behaviour
from tests.unit.conftest import dispose, make_app


@pytest.fixture(scope="module")
def seeded(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Flask, Result]]:
    """An application with a seeded database, and the command's output."""
    app = make_app(tmp_path_factory.mktemp("seeded"))
    result = app.test_cli_runner().invoke(args=["seed"])
    yield app, result
    dispose(app)


def test_seed_fills_the_database(seeded: tuple[Flask, Result]) -> None:
    """The seed creates its users and posts, and prints how to sign in."""
    app, result = seeded

    assert result.exit_code == 0
    assert SEED_PASSWORD in result.output
    with app.app_context():
        assert db.session.scalar(select(func.count(User.id))) == len(SEED_USERS)
        assert db.session.scalars(select(Post.body).order_by(Post.id)).all() == [
            body for _, body in SEED_POSTS
        ]


def test_seeded_users_can_sign_in(seeded: tuple[Flask, Result]) -> None:
    """A seeded user has the password that the command prints."""
    app, _ = seeded
    with app.app_context():
        susan = User.by_name("susan")

        assert susan is not None
        assert susan.check_password(SEED_PASSWORD)


@pytest.mark.usefixtures("susan")
def test_seed_leaves_users_alone(app: Flask) -> None:
    """A database with users is left unchanged, with one line that says so."""
    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 1
    assert result.output == "Error: The database has users: nothing was changed.\n"


def test_seed_needs_the_schema(own_app: Flask) -> None:
    """Without a schema the seed prints in one line how to create it."""
    with own_app.app_context():
        db.drop_all()

    result = own_app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 1
    assert result.output == (
        "Error: The database cannot be read: no such table: user. "
        "If it is new, run `flask db upgrade` first.\n"
    )


@behaviour("data.sqlite-backup")
def test_backup_is_for_sqlite(app: Flask) -> None:
    """For PostgreSQL the backup command names the right tool."""
    postgres = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://nowhere.invalid/x",
            "LOG_DIR": app.config["LOG_DIR"],
        }
    )

    result = postgres.test_cli_runner().invoke(args=["backup", "x.db"])

    assert result.exit_code == 1
    assert "pg_dump" in result.output
