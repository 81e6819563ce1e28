"""What must not be read in a log or a mail is taken out here, for both alike.

Two ways, because neither is enough: by shape (a password hash, a signed token, SQL
parameters, ``password=...``), and by value (what this very request carried as a
password, token or cookie, and the application's own secrets).

Every pattern is linear in the length of the text: the text may come from a stranger.
"""

import functools
import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

from sqlalchemy import make_url

HIDDEN = "[hidden]"

SENSITIVE_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "credential",
    "signature",
)
SENSITIVE_NAME = re.compile("|".join(SENSITIVE_WORDS), re.I)
"""A field or setting with such a word in its name holds a secret."""

_QUOTED_OR_BARE = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s,;&'"<>()\[\]{}]+)"""


class _Shape(NamedTuple):
    """How a kind of secret looks."""

    hints: tuple[str, ...]
    """In lower case; without one of them in the text, the pattern is not tried."""
    pattern: re.Pattern[str]
    replacement: str = HIDDEN


_SHAPES = (
    # SQLAlchemy's statement errors, should hide_parameters ever be off.
    _Shape(
        ("[parameters: ",),
        re.compile(r"(\[parameters: )(?:.*?\](?=\n|\\n|['\")]|\Z)|.*)", re.S),
        rf"\1{HIDDEN}]",
    ),
    # PostgreSQL quotes the row: "DETAIL:  Key (username)=(susan) already exists."
    _Shape(
        ("detail: ",),
        re.compile(
            r"(DETAIL:  ?).*?(?=\\n|\n[ |]*(?:\[SQL|HINT:|CONTEXT:|\(Background)"
            r"|\n[ |]*\n[ |]*(?:The above|During handling)|\Z)",
            re.S,
        ),
        rf"\1{HIDDEN}",
    ),
    # Password hashes: Werkzeug's, and those in the format of crypt(3).
    _Shape(
        ("scrypt:", "pbkdf2:"),
        re.compile(
            r"(?:scrypt|pbkdf2)(?::[\w-]{1,20}){0,4}\$[^\s$'\"]{1,64}\$[0-9a-f]{16,512}"
        ),
    ),
    _Shape(("$",), re.compile(r"\$(?:2[abxy]|argon2\w{1,2}|scrypt|[156y])\$[^\s'\"]+")),
    # What itsdangerous signs with a time: session cookies and CSRF tokens.
    _Shape((".",), re.compile(r"(?<![\w.-])\.?[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}")),
    # Flask-Login's remember-me cookie: the user's id and a digest.
    _Shape(("|",), re.compile(r"(?<![\w-])[\w-]{1,64}\|[0-9a-f]{64,128}")),
    _Shape(
        ("basic", "bearer", "digest"),
        re.compile(r"\b(basic|bearer|digest)\s+[\w+/=.~-]{8,}", re.I),
        rf"\1 {HIDDEN}",
    ),
    # Whole headers, as sent or as in a WSGI environment.
    _Shape(
        ("authorization", "cookie"),
        re.compile(
            r"((?:authorization|cookie)['\"]?\s{0,8}[:=]\s{0,8})"
            r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\n'\"]+)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    _Shape(
        ("://",), re.compile(r"(?<=://)([^\s:/@'\"]*):[^\s/'\"]+@"), rf"\1:{HIDDEN}@"
    ),
    # name=value, name: value, 'name': 'value'.
    _Shape(
        SENSITIVE_WORDS,
        re.compile(
            rf"({SENSITIVE_NAME.pattern})([\w-]{{0,40}}['\"]?\s{{0,8}}[=:]\s{{0,8}})"
            rf"(?!\[hidden\]){_QUOTED_OR_BARE}",
            re.I,
        ),
        rf"\1\2{HIDDEN}",
    ),
)

_ANYWHERE_FROM = 8
"""A secret of at least so many characters is hidden even inside a longer word."""


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without what looks like a secret and without these `secrets`."""
    for secret in sorted(secrets, key=len, reverse=True):
        for spelling in _spellings(secret):
            if spelling in text:
                text = _without(text, spelling)
    lower = text.lower()
    for hints, pattern, replacement in _SHAPES:
        if any(map(lower.__contains__, hints)):
            text = pattern.sub(replacement, text)
    return text


@functools.lru_cache
def _spellings(secret: str) -> list[str]:
    """Return a known value as itself, and as a URL, a page and a repr spell it."""
    spellings = {
        secret,
        quote(secret, errors="replace"),
        quote_plus(secret, errors="replace"),
        html.escape(secret),
        repr(secret)[1:-1],
    }
    return sorted(spellings, key=len, reverse=True)


def _without(text: str, secret: str) -> str:
    if len(secret) >= _ANYWHERE_FROM:
        return text.replace(secret, HIDDEN)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)


def own_secrets(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the application itself must keep to itself, as far as it is set."""
    database = make_url(config["SQLALCHEMY_DATABASE_URI"]).password
    known = (config["SECRET_KEY"], config["MAIL_PASSWORD"], database)
    return tuple(str(secret) for secret in known if secret)
