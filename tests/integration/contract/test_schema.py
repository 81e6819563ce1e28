"""Choosing between the migrations and the models of a target."""

import shutil
from pathlib import Path

import pytest

from tests.contract.schema import make_and_compare, with_schema
from tests.contract.target_errors import CannotBeJudged
from tests.harness.target.target import REPOSITORY, Target

pytestmark = pytest.mark.slow


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A target with migrations."""
    (tmp_path / "migrations").mkdir()
    return Target(tmp_path)


def test_migrations(target: Target, tmp_path: Path) -> None:
    """Migrations that match the models make the schema."""
    found, word = with_schema(target, tmp_path, lambda *_: "")

    assert (found.use_migrations, word) == (True, "its migrations")


def test_models(target: Target, tmp_path: Path) -> None:
    """If the migrations do not match the models, the models make the schema."""
    found, word = with_schema(
        target,
        tmp_path,
        lambda one, _: "missing: user.bio" if one.use_migrations else "",
    )

    assert (found.use_migrations, word) == (
        *(False, "its models; its migrations do not fit them"),
    )


def test_no_migrations(tmp_path: Path) -> None:
    """If there are no migrations, the models make the schema."""
    assert with_schema(Target(tmp_path), tmp_path, lambda *_: "")[1] == (
        "its models; no migrations"
    )


MODELS = """
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)
Migrate(app, db)

class Note(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(9))
"""
MIGRATION = """
from alembic import op
revision, down_revision = "1", None

def upgrade():
    op.execute("CREATE TABLE note (id INTEGER PRIMARY KEY)")
"""


def test_forgotten_migration(tmp_path: Path) -> None:
    """A column without a migration is reported as missing."""
    blog = tmp_path / "blog"
    shutil.copytree(
        REPOSITORY / "migrations",
        blog / "migrations",
        ignore=shutil.ignore_patterns("0*", "__pycache__"),
    )
    (blog / "migrations" / "versions" / "1_note.py").write_text(MIGRATION)
    (blog / "app.py").write_text(MODELS)
    target = Target(blog, app="app:app", use_migrations=True)

    assert make_and_compare(target, tmp_path / "made").strip() == "missing: note.text"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("KeyError: 'sqlalchemy'", "does not use Flask-SQLAlchemy"),
        ("OperationalError: x", "cannot be created.\nLast output:\n    OperationalE"),
    ],
)
def test_no_schema(target: Target, tmp_path: Path, said: str, shown: str) -> None:
    """If no schema can be made, the message has the reason."""
    with pytest.raises(CannotBeJudged) as message:
        with_schema(target, tmp_path, lambda *_: said)

    assert shown in str(message.value)
