"""The `flask` commands of this application."""

import click
from flask import Blueprint, current_app
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from . import reporting
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
    ("susan", "Changed my name to john today. It says to use a different one."),
)


@bp.cli.command("seed")
def seed() -> None:
    """Fill a fresh database with a few users and posts."""
    try:
        if db.session.scalar(select(func.count(User.id))):
            raise click.ClickException(
                "The database has users already: nothing is done."
            )
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        raise click.ClickException(
            f"The database cannot be read: {reason}. "
            "If it is new, run `flask db upgrade` first."
        ) from error
    users = {name: _user(name, about_me) for name, about_me in SEED_USERS.items()}
    db.session.add_all(users.values())
    for name, body in SEED_POSTS:
        db.session.add(Post(body=body, author=users[name]))
        db.session.flush()  # one by one: a later post has a higher id
    db.session.commit()
    names = ", ".join(SEED_USERS)
    click.echo(f"Made {names}. Sign in as one of them with: {SEED_PASSWORD}")


def _user(name: str, about_me: str) -> User:
    email = f"{name.split()[0].lower()}@example.com"
    user = User(username=name, email=email, about_me=about_me)
    user.set_password(SEED_PASSWORD)
    return user


@bp.cli.command("mail-test")
def mail_test() -> None:
    """Send a test mail with the settings in force."""
    try:
        click.echo(reporting.send_test(current_app.config))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"The mail was not sent: {error}") from error
