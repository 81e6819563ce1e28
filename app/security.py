"""What keeps a visitor's session on this site, and this site's pages in one piece."""

import re

from flask import Flask, Response, request, url_for
from flask.sessions import SecureCookieSessionInterface

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

# A path on this host and nothing that a browser would read otherwise: it drops tabs and
# line breaks, takes a backslash for a slash, and two slashes for the start of a host.
# https://url.spec.whatwg.org/#url-parsing
_LOCAL_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")


class SessionCookies(SecureCookieSessionInterface):
    """Session cookies that stay on HTTPS where they were given over HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether this request came over HTTPS."""
        return request.is_secure


def install(app: Flask) -> None:
    """Put the rules of this module in force."""
    app.session_interface = SessionCookies()
    app.after_request(add_headers)
    app.after_request(keep_cookies_on_https)


def add_headers(response: Response) -> Response:
    """Tell the browser what these pages never do."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def keep_cookies_on_https(response: Response) -> Response:
    """Mark the cookies set so far (Flask-Login's) as `SessionCookies` marks Flask's."""
    if request.is_secure:
        marked = [
            cookie if "; Secure" in cookie else f"{cookie}; Secure"
            for cookie in response.headers.getlist("Set-Cookie")
        ]
        response.headers.setlist("Set-Cookie", marked)
    return response


def stays_here(target: str) -> str:
    """The path to go on to after signing in: ``target``, or the home page if it leads
    off this site."""
    return target if _LOCAL_PATH.fullmatch(target) else url_for("posts.index")
