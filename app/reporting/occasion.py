"""On which occasion a record was made: what is known of the request it belongs to.

It is noted while the request is there, because a mail is sent by another thread; and
without the database, because it may be the database that failed.
"""

import base64
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from flask import g, has_request_context, request, session
from werkzeug.datastructures import MultiDict

from .redaction import spellings
from .shapes import SENSITIVE_NAME

T = TypeVar("T")

_SHORTEST = 4
"""What has fewer characters is no secret, and to hide it would hide half a report."""


@dataclass(frozen=True)
class Occasion:
    """The request during which something was logged."""

    method: str
    address: str
    remote: str
    """The client's address, as far as the server knows it."""
    user: str
    """The signed-in user's id; empty for an anonymous visitor."""
    reference: str
    """What the error page shows too; empty for a record that is no error."""
    secrets: tuple[str, ...]
    """What the request carried that no report may repeat, in all its spellings."""


def reference() -> str:
    """Return the current request's reference, eight letters and digits of base32.

    It is made when it is first asked for, and is the same until the request ends:
    it ties the page that a visitor reports, the log record and the mail together.
    """
    if "reference" not in g:
        g.reference = base64.b32encode(secrets.token_bytes(5)).decode("ascii")
    made: str = g.reference
    return made


def note_occasion(record: logging.LogRecord) -> bool:
    """Note on `record` the current request, if there is one; a filter for handlers."""
    if not hasattr(record, "occasion"):
        record.occasion = _current(record.levelno) if has_request_context() else None
    return True


def occasion_of(record: logging.LogRecord) -> Occasion | None:
    """Return what `note_occasion` noted, None outside a request."""
    noted: Occasion | None = getattr(record, "occasion", None)
    return noted


def _current(level: int) -> Occasion:
    return Occasion(
        method=request.method,
        address=_if_known(lambda: request.url, ""),
        remote=request.remote_addr or "",
        user=_if_known(_user, ""),
        reference=reference() if level >= logging.ERROR else "",
        secrets=_if_known(
            lambda: spellings(v for v in _carried() if len(v) >= _SHORTEST), ()
        ),
    )


def _if_known(read: Callable[[], T], otherwise: T) -> T:
    """Return what `read` does; a host or session that is refused is no news here."""
    try:
        return read()
    except Exception:
        return otherwise


def _user() -> str:
    if "_login_user" in g and not g._login_user.is_authenticated:
        return ""  # whatever the session says, it was refused
    # Flask-Login keeps the id in the session; the user object itself could ask the
    # database again for attributes that a rollback has expired. What follows the id is
    # a mark of the password.
    return str(session.get("_user_id", "")).partition(".")[0]


def _carried() -> Iterator[str]:
    """Yield the values that the request carried as cookies, passwords and tokens."""
    yield from request.cookies.values()
    yield request.headers.get("Authorization", "")
    # A form that nobody has read yet stays unread: reading it here could block or
    # fail, and what nobody has read is in no message.
    form: MultiDict[str, str] = request.__dict__.get("form", MultiDict())
    for fields in (request.args, form):
        for name in fields:
            if SENSITIVE_NAME.search(name):
                yield from fields.getlist(name)
    yield session.get("csrf_token", "")
