"""Avatars made from the username: two letters on a colour."""

import unicodedata
import zlib

from flask import Blueprint

bp = Blueprint("avatars", __name__)


@bp.app_template_filter()
def initials(name: str) -> str:
    """Return the initials of the first two words, or the first character.

    >>> initials("susan"), initials("Ada Lovelace")
    ('S', 'AL')
    """
    letters = [
        word[0].upper()[0]  # one letter: a capital sharp s would be two
        for word in name.split()
        if not unicodedata.combining(word[0])
    ]
    return "".join(letters[:2]) or "?"


@bp.app_template_filter()
def hue(name: str) -> int:
    """Return the hue that belongs to a name, in degrees: 0 to 359."""
    return zlib.crc32(name.encode()) % 360
