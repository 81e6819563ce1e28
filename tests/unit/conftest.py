"""Fixtures of the unit tests: the application in this process, on its own database.

They import the application when they are used. The controller of a parallel run loads
this module as well, but runs no tests, and the workers wait for it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask import Flask

    from app.models import User


def make_app(folder: Path) -> "Flask":
    """Return an application with its files in *folder* and an empty database."""
    from app import create_app
    from app.extensions import db

    app = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/app.db",
            "LOG_DIR": folder / "logs",
            "WTF_CSRF_ENABLED": False,
            "MAIL_SERVER": None,
        }
    )
    (folder / "app.db").touch()  # connections do not create it
    with app.app_context():
        db.create_all()
    return app


def dispose(app: "Flask") -> None:
    """Close the application's connections."""
    from app.extensions import db

    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Flask"]:
    """An application that tests leave unchanged, with its database."""
    app = make_app(tmp_path_factory.mktemp("app"))
    yield app
    dispose(app)


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator["Flask"]:
    """An application of the test's own, which it may change."""
    app = make_app(tmp_path)
    yield app
    dispose(app)


@pytest.fixture
def request_context(app: "Flask") -> Iterator[None]:
    """The context of a request to the application."""
    with app.test_request_context():
        yield


@pytest.fixture
def make_user(request_context: None) -> Iterator[Callable[[str], "User"]]:
    """Return a function that stores a user by name; users and posts are removed.

    The password is unusable, as hashing one takes 0.1 s.
    """
    from sqlalchemy import delete

    from app.extensions import db
    from app.models import Post, User

    def make(username: str) -> "User":
        email = f"{username}@example.com"
        user = User(username=username, email=email, password_hash="!")
        db.session.add(user)
        db.session.commit()
        return user

    yield make
    db.session.rollback()
    db.session.execute(delete(Post))
    db.session.execute(delete(User))
    db.session.commit()


@pytest.fixture
def susan(make_user: Callable[[str], "User"]) -> "User":
    """A stored user named susan."""
    return make_user("susan")
