"""What unit tests share: the application in this process, on a database of its own."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import text

from app import create_app
from app.extensions import db
from app.models import User


class Compiled(BytecodeCache):
    """The templates as they were compiled by the first application that needed them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand out what is kept of a template."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def make_app(folder: Path) -> Flask:
    """An application whose files are in *folder*."""
    app = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/app.db",
            "LOG_DIR": folder / "logs",
            "WTF_CSRF_ENABLED": False,
            "MAIL_SERVER": None,
        }
    )
    app.jinja_env.bytecode_cache = COMPILED
    return app


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema and nothing in it."""
    folder = tmp_path_factory.mktemp("schema")
    app = make_app(folder)
    with app.app_context():
        db.create_all()
        db.session.execute(text("PRAGMA journal_mode = DELETE"))
        db.engine.dispose()
    return folder / "app.db"


@pytest.fixture
def app(tmp_path: Path, schema: Path) -> Iterator[Flask]:
    """An application whose files are the test's own; not one of its pages is served."""
    shutil.copyfile(schema, tmp_path / "app.db")
    app = make_app(tmp_path)
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
