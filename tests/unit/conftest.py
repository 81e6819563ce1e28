"""What unit tests share: the application in this process, on a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.models import User


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application whose files are the test's own; not one of its pages is served."""
    app = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/app.db",
            "LOG_DIR": tmp_path / "logs",
            "WTF_CSRF_ENABLED": False,
            "MAIL_SERVER": None,
        }
    )
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    """The context of a request to the application."""
    with app.test_request_context():
        yield


@pytest.fixture
def make_user(request_context: None) -> Callable[[str], User]:
    """Store a user in the request's session, by name.

    The password is unusable: to hash one takes 0.1 s.
    """

    def make(username: str) -> User:
        email = f"{username}@example.com"
        user = User(username=username, email=email, password_hash="!")
        db.session.add(user)
        db.session.commit()
        return user

    return make


@pytest.fixture
def susan(make_user: Callable[[str], User]) -> User:
    """A stored user called susan."""
    return make_user("susan")
