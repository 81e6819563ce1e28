"""What unit tests share: the application in this process, on a database of its own.

It is imported where it is used: the controller of a parallel run, for which all wait,
loads this file and runs no test.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness.stores import copy_sqlite

if TYPE_CHECKING:
    from flask import Flask

    from app.models import User


def make_app(folder: Path, compiled: Path) -> "Flask":
    """An application with its files in *folder*; its templates are compiled once."""
    from jinja2 import FileSystemBytecodeCache

    from app import create_app

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
    from app.extensions import db

    folder = tmp_path_factory.mktemp("schema")
    app = make_app(folder, folder)
    with app.app_context():
        db.create_all()
        db.engine.dispose()
    return folder / "app.db"


@pytest.fixture
def app(tmp_path: Path, schema: Path) -> Iterator["Flask"]:
    """An application whose files are the test's own; not one of its pages is served."""
    from app.extensions import db

    copy_sqlite(schema, tmp_path / "app.db")
    app = make_app(tmp_path, schema.parent)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> "Flask":
    """An application that renders pages, for tests that neither change it nor store."""
    folder = tmp_path_factory.mktemp("shared")
    return make_app(folder, folder)


@pytest.fixture
def rendering(shared_app: "Flask") -> Iterator[None]:
    """The context of a request to the shared application."""
    with shared_app.test_request_context():
        yield


@pytest.fixture
def request_context(app: "Flask") -> Iterator[None]:
    """The context of a request to the application."""
    with app.test_request_context():
        yield


@pytest.fixture
def make_user(request_context: None) -> Callable[[str], "User"]:
    """Store a user in the request's session, by name.

    The password is unusable: to hash one takes 0.1 s.
    """
    from app.extensions import db
    from app.models import User

    def make(username: str) -> "User":
        email = f"{username}@example.com"
        user = User(username=username, email=email, password_hash="!")
        db.session.add(user)
        db.session.commit()
        return user

    return make


@pytest.fixture
def susan(make_user: Callable[[str], "User"]) -> "User":
    """A stored user called susan."""
    return make_user("susan")
