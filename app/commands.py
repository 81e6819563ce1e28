"""The `flask` commands of this application."""

import sqlite3
from pathlib import Path

import click
from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from .database import backup_sqlite
from .extensions import db
from .models import Post, User

bp = Blueprint("commands", __name__, cli_group=None)

SEED_PASSWORD = "correct horse battery staple"

SEED_USERS = {
    "susan": "I read more than I write.",
    "john": "Hello! I am John.",
    "Ada Lovelace": "Notes on an engine that was never built.",
}

SEED_POSTS = (
    ("john", "Beautiful day in Portland!"),
    ("susan", "The Avengers movie was so cool!"),
    ("Ada Lovelace", "We may say that the engine weaves algebraical patterns."),
    ("john", "Try to open a profile that does not exist: its page is worth a look."),
    ("susan", "Tried to change my name to john today. It says to use a different one."),
)


@bp.cli.command("seed")
def seed() -> None:
    """Fill a new database with a few users and posts."""
    try:
        if db.session.scalar(select(func.count(User.id))):
            raise click.ClickException("The database has users: nothing was changed.")
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise click.ClickException(
            f"The database cannot be read: {reason}. "
            "If it is new, run `flask db upgrade` first."
        ) from error
    users = {}
    for name, about_me in SEED_USERS.items():
        email = f"{name.split()[0].lower()}@example.com"
        users[name] = User(username=name, email=email, about_me=about_me)
        users[name].set_password(SEED_PASSWORD)
    db.session.add_all(users.values())
    for name, body in SEED_POSTS:
        db.session.add(Post(body=body, author=users[name]))
        db.session.flush()  # one at a time: later posts get higher ids
    db.session.commit()
    names = ", ".join(SEED_USERS)
    click.echo(f"Created {names}. Sign in as one of them with: {SEED_PASSWORD}")


@bp.cli.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the SQLite database to FILE, also while the microblog is served."""
    if db.engine.dialect.name != "sqlite":
        raise click.ClickException("Only SQLite is copied: use pg_dump for PostgreSQL.")
    try:
        backup_sqlite(db.engine, file)
    except FileExistsError:
        raise click.ClickException(f"{file} exists: name a new file.") from None
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"The backup failed: {error}") from error
    click.echo(f"Wrote {file}.")
