"""Sessions: loading their user, asking for sign-in, and when a user was last seen."""

import re
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug import Response

from .database import set_short_lock_timeout
from .extensions import db, login
from .models import MAX_ID, User, utc_now

# last_seen is written only when it is older than this, so that reading stays cheap.
LAST_SEEN_RESOLUTION = timedelta(minutes=1)

_ID = re.compile("[0-9]{1,10}")


@login.user_loader
def load_user(session_id: object) -> User | None:
    """Return the user of a session; None once the account or its password has gone."""
    key = str(session_id).partition(".")[0]
    # A session of another application with the same SECRET_KEY may hold anything.
    if not _ID.fullmatch(key) or int(key) > MAX_ID:
        return None
    try:
        user = db.session.get(User, int(key))
    except SQLAlchemyError:
        g.user_unknown = True
        raise
    return user if user and user.get_id() == session_id else None


@login.unauthorized_handler
def ask_to_sign_in() -> Response:
    """Redirect to the sign-in page, which leads back to this address.

    The address is quoted again: Werkzeug's `request.url` is meant to be displayed, and
    leads from the profile of "a%41" to that of "aA".
    """
    flash(login.login_message)
    target = quote(request.root_path + request.path)
    if request.query_string:
        target += "?" + quote(request.query_string, safe="=&%+/?:@!$'()*,;~")
    return redirect(url_for("accounts.login", next=target))


def account_deleted(_error: Exception) -> Response:
    """Answer a request whose account was deleted while it was processed."""
    db.session.rollback()
    response: Response = ask_to_sign_in()
    return response


def update_last_seen() -> None:
    """Store that the signed-in user was here, if the stored time is old enough.

    A lock or a read-only database must not cost a reader the page.
    """
    if request.endpoint in {None, "static"} or not current_user.is_authenticated:
        return
    now = utc_now()
    if now - current_user.last_seen < LAST_SEEN_RESOLUTION:
        return
    # The condition is repeated in SQL: another request may have been faster.
    is_old = User.last_seen <= now - LAST_SEEN_RESOLUTION
    statement = update(User).where(User.id == current_user.id, is_old)
    try:
        set_short_lock_timeout(db.session.connection())
        db.session.execute(statement.values(last_seen=now))
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        current_app.logger.warning("last_seen was not updated: %s", error)


class Viewer(NamedTuple):
    """The signed-in user, as templates see it; no name while the database is away."""

    username: str | None


def add_viewer() -> dict[str, Viewer | None]:
    """Give ``viewer`` to every template: None for anonymous visitors.

    An error page does not query the database again: that may take as long as before.
    """
    if g.get("user_unknown"):
        return {"viewer": Viewer(None)}
    try:
        signed_in = current_user.is_authenticated
        viewer = Viewer(current_user.username) if signed_in else None
    except SQLAlchemyError:
        db.session.rollback()
        viewer = Viewer(None)
    return {"viewer": viewer}


def init_app(app: Flask) -> None:
    """Set up Flask-Login and what this module adds to requests and templates."""
    # Flask-Login's context processor would query the database for error pages, too.
    login.init_app(app, add_context_processor=False)
    app.context_processor(add_viewer)
    app.before_request(update_last_seen)
    app.register_error_handler(ObjectDeletedError, account_deleted)
    app.register_error_handler(StaleDataError, account_deleted)
