"""A picture for everybody, made from the name: two letters on a colour."""

import unicodedata
import zlib

from flask import Blueprint

bp = Blueprint("pictures", __name__)


@bp.app_template_filter()
def initials(name: str) -> str:
    """The first letters of the first two words, or the first character.

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
    """A colour of the name's own: degrees on the colour wheel, 0 to 359."""
    return zlib.crc32(name.encode()) % 360
