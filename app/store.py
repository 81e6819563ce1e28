"""Storing what a form asks for."""

from collections.abc import Callable

from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError

from .extensions import db

# A name that was refused may be free by the time of the next check, but not for ever.
TRIES = 3


def store_or_refuse(
    form: FlaskForm, change: Callable[[], None], tries: int = TRIES
) -> bool:
    """Make a change and store it; False if another request was faster.

    A check before a write leaves a gap in which somebody else can take the name. The
    constraint in the database closes it: then the form is checked once more, on what
    is stored now, and carries its own message. If it has none the name is free again,
    and so is the way for another try; the last try's error is raised.
    """
    change()
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        if not form.validate():
            return False
        if tries == 1:
            raise
        return store_or_refuse(form, change, tries - 1)
    return True
