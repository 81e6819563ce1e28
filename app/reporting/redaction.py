"""Hides secrets in log lines and mails.

They are found by pattern (a password hash, a signed token, SQL parameters,
``password=...``) and by value (the passwords, tokens and cookies of the request, and
the secrets of the configuration).
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, unquote

REDACTED = "[hidden]"

SENSITIVE_NAME = re.compile(
    "password|passwd|passphrase|pwd|secret|token|api_key|api-key|apikey"
    "|credential|signature",
    re.I,
)
"""A field with such a word in its name holds a secret."""

# All patterns take linear time, because visitors can choose the text.

# Strings of Python and JSON; cut off; or in a string, with escaped quotes.
_QUOTED = (
    r"""(?:[bru]{0,2}(?:'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?)"""
    r"""|\\{1,8}(?:'[^'\n]*'?|"[^"\n]*"?))"""
)
_BARE = r"""(?:[^\s,;&'"<>()\[\]{}%]|%(?!(?:25){0,3}26))+"""
# Between a name and its value; the last alternative is a pair in a list.
_EQUALS = (
    r"""(?:\\{0,8}['"]?\s{0,8}(?:[=:]|%(?:25){0,3}3[ad])\s{0,8}"""
    r"""|['"],\s{0,8}(?=[bru]{0,2}['"]))"""
)
_POSTGRESQL = r"psycopg2?\.errors\.\w+[:)] "
_NEWLINE = r"(?:\n[ |]*+|\\n)"
# What may follow a message of PostgreSQL and is not one of its details.
_AFTER_DETAILS = (
    r"(?:\[SQL|HINT:|CONTEXT:|\(Background|\+-|Stack \("
    r"|\n[ |]*(?:The above|During handling))"
)


class SecretPattern(NamedTuple):
    """How one kind of secret looks."""

    hints: tuple[str, ...]
    """Lower case; the pattern is tried only if the text contains one of them."""
    pattern: re.Pattern[str]
    replacement: str = REDACTED


SECRET_PATTERNS = (
    # SQLAlchemy's statement errors, where hide_parameters is off.
    SecretPattern(
        ("[parameters: ",),
        re.compile(r"(\[parameters: )(?:.*?\](?=\n|\\n|['\")])|.*)", re.S),
        rf"\1{REDACTED}]",
    ),
    # PostgreSQL quotes the row: "DETAIL:  Key (username)=(susan) already exists." That
    # is in its server's language, below the first line of its message.
    SecretPattern(
        ("psycopg",),
        re.compile(
            rf"({_POSTGRESQL}(?:(?!{_POSTGRESQL}|\\n)[^\n])*{_NEWLINE})"
            rf"(?!{_AFTER_DETAILS}).+?(?={_NEWLINE}{_AFTER_DETAILS}|\Z)",
            re.S,
        ),
        rf"\1{REDACTED}",
    ),
    SecretPattern(
        ("detail: ",),
        re.compile(rf"(DETAIL:  ?).*?(?=\\n|{_NEWLINE}{_AFTER_DETAILS}|\Z)", re.S),
        rf"\1{REDACTED}",
    ),
    # Password hashes: Werkzeug's, and those in the format of crypt(3).
    SecretPattern(
        ("scrypt:", "pbkdf2:"),
        re.compile(
            r"(?:scrypt|pbkdf2)(?::[\w-]{1,20}){0,4}\$[^\s$'\"]{1,64}\$[0-9a-f]{16,512}"
        ),
    ),
    SecretPattern(
        ("$",), re.compile(r"\$(?:2[abxy]|argon2\w{1,2}|scrypt|[156y])\$[^\s'\"]+")
    ),
    # What itsdangerous signs with a timestamp: session cookies and CSRF tokens.
    SecretPattern((".",), re.compile(r"(?<![\w.-])\.?[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}")),
    # Flask-Login's remember-me cookie: the session's user and a digest.
    SecretPattern(("|",), re.compile(r"[\w.-]{1,64}\|[0-9a-f]{64,128}")),
    SecretPattern(
        ("basic", "bearer", "digest"),
        re.compile(r"\b(basic|bearer|digest)\s+[\w+/=.~-]{8,}", re.I),
        rf"\1 {REDACTED}",
    ),
    # Whole headers, as sent or as in a WSGI environment.
    SecretPattern(
        ("authorization", "cookie"),
        re.compile(
            rf"((?:authorization|cookie){_EQUALS})"
            rf"(?:{_QUOTED}|(?:[^\n'\"=]|=\"[^\"\n]*\"|=)+)",
            re.I,
        ),
        rf"\1{REDACTED}",
    ),
    SecretPattern(
        ("://",), re.compile(r"(?<=://)([^\s:/@'\"]*):[^\s/'\"]+@"), rf"\1:{REDACTED}@"
    ),
    # name=value, name: value, 'name': 'value', ('name', 'value'), name%3Dvalue.
    SecretPattern(
        tuple(SENSITIVE_NAME.pattern.split("|")),
        re.compile(
            rf"({SENSITIVE_NAME.pattern})([\w-]{{0,40}}{_EQUALS})"
            rf"(?!\[hidden\])(?:{_QUOTED}|{_BARE})",
            re.I,
        ),
        rf"\1\2{REDACTED}",
    ),
)

_SHORT = 8
"""A shorter secret is hidden as a word only, and not within longer words."""

_URL_PASSWORD = re.compile(r"[a-z][\w+.-]*://[^:/@]*:([^@]+)@", re.I)


def redact_patterns(text: str) -> str:
    """Return `text` without what looks like a secret."""
    lower = text.lower()
    for hints, pattern, replacement in SECRET_PATTERNS:
        if any(map(lower.__contains__, hints)):
            text = pattern.sub(replacement, text)
    return text


def redact_values(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without these secrets, however they are spelled (`spellings`)."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORT:
            text = text.replace(secret, REDACTED)
        else:
            text = _redact_word(text, secret)
    return text


def _redact_word(text: str, secret: str) -> str:
    # Not by a regular expression: the module re keeps those that it compiled last.
    parts = text.split(secret)
    redacted = parts[:1]
    for before, after in pairwise(parts):
        is_in_word = _is_in_word(before[-1:]) or _is_in_word(after[:1])
        redacted += [secret if is_in_word else REDACTED, after]
    return "".join(redacted)


def _is_in_word(neighbour: str) -> bool:
    return neighbour.isalnum() or neighbour == "_"


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets as they are, and as URLs, HTML and repr() spell them.

    Nothing is cached: a cache would keep passwords after their request.
    """
    found: set[str] = set()
    for secret in secrets:
        found |= {
            secret,
            quote(secret, errors="replace"),
            quote_plus(secret, errors="replace"),
            html.escape(secret),
            repr(secret)[1:-1],
        }
    return tuple(found)


def config_secrets(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the secrets of a configuration, in all their spellings.

    Those are its keys, the password of the mail server, and the password in each URL,
    such as that of a database.
    """
    keys = [config.get("SECRET_KEY"), *(config.get("SECRET_KEY_FALLBACKS") or ())]
    secrets = [key for key in (*keys, config.get("MAIL_PASSWORD")) if key]
    texts = [
        one.decode("utf-8", "backslashreplace") if isinstance(one, bytes) else str(one)
        for one in secrets
    ]
    for password in _url_passwords(config.values()):
        texts += [password, unquote(password)]
    return spellings(texts)


def _url_passwords(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and (url := _URL_PASSWORD.match(value)):
            yield url[1]
        elif isinstance(value, Mapping):  # such as SQLALCHEMY_BINDS
            yield from _url_passwords(value.values())
        elif password := getattr(value, "password", None):  # SQLAlchemy's URL
            yield str(password)
