"""Security headers, cookies on HTTPS, redirect targets, and malformed requests."""

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit
from wsgiref.types import WSGIEnvironment

from flask import Flask, Request, Response, request, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.http import parse_date
from werkzeug.utils import cached_property

# https://owasp.org/www-project-secure-headers/
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

DISCARDED = 2**20  # bytes: client_max_body_size of nginx

# A path on this host, and nothing that a browser reads otherwise: it drops tabs and
# newlines, and takes a backslash for a slash and two slashes for the start of a host.
# https://url.spec.whatwg.org/#url-parsing
_LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")


def init_app(app: Flask) -> None:
    """Set up requests, cookies and headers."""
    app.request_class = MicroblogRequest
    app.session_interface = SessionInterface()
    app.before_request(read_body)
    app.after_request(add_headers)


def safe_redirect_target(target: str) -> str:
    """Return ``target`` if it is a path on this site, otherwise the home page's."""
    return target if _LOCAL_PATH.fullmatch(target) else url_for("posts.index")


# Headers on which libraries raise if they are malformed, and how each is parsed.
PARSED_HEADERS: dict[str, Callable[[str], object]] = {
    # Werkzeug builds no URL for such a host.
    "HTTP_HOST": lambda host: host.partition(":")[0].encode("idna").decode("idna"),
    # Werkzeug 3.1 raises OverflowError for a date that no calendar has.
    "HTTP_IF_MODIFIED_SINCE": parse_date,
    "HTTP_IF_RANGE": parse_date,
    # Flask-WTF 1.3.0 raises ValueError over HTTPS. The port is parsed when it is read.
    "HTTP_REFERER": lambda url: urlsplit(url).port,
}


class MicroblogRequest(Request):
    """A request that ignores malformed headers on which libraries raise.

    No browser sends them, and each would be an internal server error.
    """

    def __init__(self, environ: WSGIEnvironment) -> None:
        for header in PARSED_HEADERS.keys() & environ.keys():
            try:
                PARSED_HEADERS[header](environ[header])
            except (ValueError, OverflowError):
                environ[header] = ""
        super().__init__(environ)

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies with ASCII values, the only ones that RFC 6265 allows.

        Flask-Login 0.6.3 raises TypeError for others.
        """
        pairs = super().cookies.items(multi=True)
        return ImmutableMultiDict(pair for pair in pairs if pair[1].isascii())


def read_body() -> None:
    """Read the body of every request here, where errors become HTTP errors.

    gunicorn raises its own exceptions for malformed chunks, and resets a connection
    with unread data before the client has read the response. Of a chunked body,
    Werkzeug 3.1 reads as much as the limit allows, and takes that for the whole:
    https://github.com/pallets/werkzeug/pull/2620
    """
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        discard_body()
        raise
    except Exception:
        raise BadRequest from None
    limit = request.max_content_length
    if request.content_length is None and limit is not None and len(body) >= limit:
        raise RequestEntityTooLarge


def discard_body() -> None:
    """Read what nginx passes on by default, because it sends all before it reads.

    If the connection is closed before, it answers with its own page for a 502.
    """
    stream = request.environ["wsgi.input"]
    left = min(DISCARDED, request.content_length or DISCARDED)
    with suppress(Exception):  # the client may have gone
        while left > 0 and (chunk := stream.read(min(left, 0x10000))):
            left -= len(chunk)


class SessionInterface(SecureCookieSessionInterface):
    """Flask's sessions; over HTTPS, they make all cookies of a response Secure."""

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        """Save the session after all other cookies, and mark them as Secure."""
        super().save_session(app, session, response)
        if request.is_secure:
            cookies = response.headers.getlist("Set-Cookie")
            marked = [c if "; Secure" in c else f"{c}; Secure" for c in cookies]
            response.headers.setlist("Set-Cookie", marked)


def add_headers(response: Response) -> Response:
    """Add the security headers that the view has not set."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
