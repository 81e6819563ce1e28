"""Whose session it is: who is loaded for it, and when he was last seen."""

import re
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug import Response

from .extensions import db, login
from .models import MAX_KEY, User, now
from .names import is_name, name_key

# How old a last-seen may be before a request writes it again: so reading stays cheap.
SEEN_EVERY = timedelta(minutes=1)

# What lets a connection wait for others for a tenth of a second only: to the end of the
# transaction, or until it is next taken out of the pool.
HURRY = {
    "sqlite": "PRAGMA busy_timeout = 100",
    "postgresql": "SET LOCAL lock_timeout = '100ms'",
}

_KEY = re.compile("[0-9]{1,10}")


@login.user_loader
def load_user(user_id: object) -> User | None:
    """The user of a session; None once the account, or its password, is gone."""
    key = str(user_id).partition(".")[0]
    # Of another application with the same SECRET_KEY.
    if not _KEY.fullmatch(key) or int(key) > MAX_KEY:
        return None
    try:
        user = load_with_subject(int(key))
    except SQLAlchemyError:
        g.cannot_load = True
        raise
    return user if user and user.get_id() == user_id else None


def load_with_subject(key: int) -> User | None:
    """The user of a key, or None.

    Whom the address names is asked for in the same statement, and is ``g.subject``.
    """
    name = (request.view_args or {}).get("username", "")
    if not is_name(name):
        return db.session.get(User, key)
    both = or_(User.id == key, User.username_key == name_key(name))
    found = db.session.scalars(select(User).where(both)).all()
    g.subject = next((one for one in found if one.username_key == name_key(name)), None)
    return next((one for one in found if one.id == key), None)


def ask_to_sign_in(_error: Exception) -> Response:
    """The answer to one whose account was deleted while he used it."""
    db.session.rollback()
    response: Response = login.unauthorized()
    return response


def see() -> None:
    """Keep when the signed-in user was last seen."""
    if request.endpoint in {None, "static"} or not current_user.is_authenticated:
        return
    moment = now()
    if moment - current_user.last_seen >= SEEN_EVERY:
        try:
            write_seen(moment)
            db.session.commit()
        except DBAPIError as error:  # a lock of others, a database to read only
            db.session.rollback()
            current_app.logger.warning("Last-seen was not written: %s", error)


def write_seen(moment: datetime) -> None:
    """Write it if it is old, or leave it to the next page if somebody holds a lock.

    Whether it is old is asked where it is written: another one may have been faster.
    """
    connection = db.session.connection()
    connection.connection.execute(HURRY[connection.dialect.name])
    is_old = User.last_seen <= moment - SEEN_EVERY
    seen = update(User).where(User.id == current_user.id, is_old)
    db.session.execute(seen.values(last_seen=moment))


class Viewer(NamedTuple):
    """Whoever is signed in; without a name where the database cannot tell it."""

    username: str | None


def add_viewer() -> dict[str, Viewer | None]:
    """Give ``viewer`` to every template: None for anonymous visitors.

    Only a visitor with a session is looked up: for want of a database a page has no
    name in it, but does not ask its member to sign in either. Nor does it ask twice:
    each time may take as long as the database is waited for.
    """
    if g.get("cannot_load"):
        return {"viewer": Viewer(None)}
    try:
        known = current_user.is_authenticated
        viewer = Viewer(current_user.username) if known else None
    except SQLAlchemyError:
        db.session.rollback()
        viewer = Viewer(None)
    return {"viewer": viewer}


def install(app: Flask) -> None:
    """Put what this module does in force."""
    app.context_processor(add_viewer)
    app.before_request(see)
    app.register_error_handler(ObjectDeletedError, ask_to_sign_in)
    app.register_error_handler(StaleDataError, ask_to_sign_in)
