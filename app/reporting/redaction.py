"""What must not be read in a log or a mail is taken out here, for both alike.

Two ways, because neither is enough: by shape (a password hash, a signed token, SQL
parameters, ``password=...``), and by value (what this very request carried as a
password, token or cookie, and the application's own secrets).
"""

import html
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy import make_url

from .shapes import HIDDEN, SHAPES

_ANYWHERE_FROM = 8
"""A secret of at least so many characters is hidden even inside a longer word."""


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return `text` without what looks like a secret, and without what is `known`.

    The known ones come as `spellings` returns them.
    """
    for spelling in sorted(known, key=len, reverse=True):
        if spelling in text:
            text = _without(text, spelling)
    lower = text.lower()
    for hints, pattern, replacement in SHAPES:
        if any(map(lower.__contains__, hints)):
            text = pattern.sub(replacement, text)
    return text


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return known values as themselves, and as a URL, a page and a repr spell them.

    They are not kept: a cache would hold passwords after their request.
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


def _without(text: str, secret: str) -> str:
    if len(secret) >= _ANYWHERE_FROM:
        return text.replace(secret, HIDDEN)
    # Not by a pattern: the module re keeps those that it was given last.
    parts, start = [], 0
    while (at := text.find(secret, start)) >= 0:
        end = at + len(secret)
        if _in_a_word(text[at - 1 : at]) or _in_a_word(text[end : end + 1]):
            parts.append(text[start : at + 1])
            start = at + 1
        else:
            parts += [text[start:at], HIDDEN]
            start = end
    return "".join([*parts, text[start:]])


def _in_a_word(beside: str) -> bool:
    return beside.isalnum() or beside == "_"


def own_secrets(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the application itself must keep to itself, in all its spellings."""
    database = make_url(config["SQLALCHEMY_DATABASE_URI"]).password
    known = (config["SECRET_KEY"], config["MAIL_PASSWORD"], database)
    return spellings(str(secret) for secret in known if secret)
