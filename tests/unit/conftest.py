"""What unit tests share: the application in this process, on a database of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from app import create_app
from app.extensions import db
from app.models import User
from tests.harness.stores import copy_sqlite


def make_app(folder: Path, compiled: Path) -> Flask:
    """An application with its files in *folder*; its templates are compiled once."""
    app = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/app.db",
            "LOG_DIR": folder / "logs",
            "WTF_CSRF_ENABLED": False,
            "MAIL_SERVER": None,
        }
    )
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    return app


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and nothing in it."""
    folder = tmp_path_factory.mktemp("schema")
    app = make_app(folder, folder)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return folder / "app.db"


@pytest.fixture
def app(tmp_path: Path, schema: Path) -> Iterator[Flask]:
    """An application whose files are the test's own; not one of its pages is served."""
    copy_sqlite(schema, tmp_path / "app.db")
    app = make_app(tmp_path, schema.parent)
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
