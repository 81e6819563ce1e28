"""The request in which a log record was logged: context, reference and secrets.

It is stored on the record at once, because mail is sent by another thread; and it never
asks the database, which may be what failed.
"""

import base64
import logging
import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask import g, has_request_context, request, session
from werkzeug.datastructures import MultiDict

from .redaction import SENSITIVE_NAME, spellings

_SHORTEST_SECRET = 4
"""Hiding shorter values would hide half of the report."""


class RequestContext(NamedTuple):
    """The request in which a record was logged."""

    method: str
    url: str
    remote_addr: str
    user_id: str
    """Empty for an anonymous visitor."""
    reference: str
    """Shown on the error page, too; empty for records below ERROR."""
    secrets: tuple[str, ...]
    """The values that no report may show, in all their spellings."""


class RequestContextFilter(logging.Filter):
    """Adds ``request_context`` to each record: None outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record pass."""
        if not hasattr(record, "request_context"):
            is_request = has_request_context()
            record.request_context = _current(record.levelno) if is_request else None
        return True


def context_of(record: logging.LogRecord) -> RequestContext | None:
    """Return what the filter has added to the record."""
    context: RequestContext | None = getattr(record, "request_context", None)
    return context


def reference() -> str:
    """Return the reference of the current request, eight letters and digits.

    It ties together the error page that a visitor reports, the log record and the mail.
    """
    if "reference" not in g:
        g.reference = base64.b32encode(secrets.token_bytes(5)).decode("ascii")
    value: str = g.reference
    return value


def _current(level: int) -> RequestContext:
    return RequestContext(
        method=request.method,
        url=_try(lambda: request.url, ""),
        remote_addr=request.remote_addr or "",
        user_id=_try(_user_id, ""),
        reference=reference() if level >= logging.ERROR else "",
        secrets=_try(lambda: spellings(_request_secrets()), ()),
    )


def _try(read: Callable[[], Any], default: Any) -> Any:
    """Return what `read` returns; an invalid host or session must not raise here."""
    try:
        return read()
    except Exception:
        return default


def _user_id() -> str:
    # Flask-Login keeps the id in the session. Its user object could query the database,
    # for attributes that a rollback has expired.
    if "_login_user" in g and not g._login_user.is_authenticated:
        return ""
    # A secret may follow a number: in this application, a part of the password's hash.
    kept = str(session.get("_user_id", ""))
    number = kept.partition(".")[0]
    return number if number.isdecimal() else kept


def _request_secrets() -> Iterator[str]:
    """Yield what the request contains as cookies, passwords and tokens."""
    values = [*request.cookies.values(), request.headers.get("Authorization", "")]
    # A form that was not read stays unread: reading it could block or fail.
    form: MultiDict[str, str] = request.__dict__.get("form", MultiDict())
    for fields in (request.args, form):
        for name in filter(SENSITIVE_NAME.search, fields):
            values += fields.getlist(name)
    values.append(session.get("csrf_token", ""))
    yield from (value for value in values if len(value) >= _SHORTEST_SECRET)
