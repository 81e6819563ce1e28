"""Storing what a form asks for."""

from collections.abc import Callable

from flask import flash
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError

from .extensions import db

# How SQLite and PostgreSQL call the constraints behind the forms' own checks.
CHECKED = (
    *("UNIQUE constraint failed: user.username_key", "uq_user_username_key"),
    *("UNIQUE constraint failed: user.email", "uq_user_email"),
)

# A name that was refused may be free by the time of the next check, but not for ever.
TRIES = 3


def store_or_refuse(
    form: FlaskForm, change: Callable[[], None], tries: int = TRIES
) -> bool:
    """Make a change and store it; False if another request was faster.

    A check before a write leaves a gap in which somebody else can take the name. The
    constraint in the database closes it: then the form is checked once more, on what
    is stored now, and carries its own message. If it has none the name is free again,
    and so is the way for another try. Who loses the last one too is told to come again;
    an error that is no lost race is raised.
    """
    change()
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        if not form.validate():
            return False
        if tries > 1:
            return store_or_refuse(form, change, tries - 1)
        if not is_taken(error):
            raise
        flash("Somebody else was faster. Please try again.", "error")
        return False
    return True


def is_taken(error: IntegrityError) -> bool:
    """Whether it is that somebody else has the name or the address."""
    told = str(error.orig)
    return any(name in told for name in CHECKED)
