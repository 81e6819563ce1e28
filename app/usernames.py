"""Which strings are usernames, and when two of them are the same."""

import unicodedata

USERNAME_LENGTH = 64  # characters

# Characters that are not displayed: Unicode's default ignorable code points other than
# format characters. The empty Braille pattern looks like a space.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
INVISIBLE: dict[int, str | None] = dict.fromkeys(
    [
        *map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065"),
        *range(0xFE00, 0xFE10),  # variation selectors
        *range(0xFFF0, 0xFFF9),
        *range(0xE0000, 0xE1000),
    ]
) | {0x2800: " "}

_REPLACEMENT_CHARACTER = "\ufffd"  # stands for bytes that are not UTF-8
_REFUSED = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def username_key(username: str) -> str:
    """Return the form in which usernames are compared: equal keys mean the same name.

    It is the compatibility form (NFKC), case-folded, without invisible characters and
    with each run of whitespace as one space.
    """
    folded = unicodedata.normalize("NFKC", username).casefold().translate(INVISIBLE)
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def is_username(text: str) -> bool:
    """Return whether a text can be stored, displayed and used in a URL as a username.

    Control, format and unassigned characters are refused, and so are names that the
    path of a URL cannot carry: ``/``, ``.`` and ``..``.
    """
    if len(text) > USERNAME_LENGTH:
        return False  # normalizing a very long text takes seconds
    key = username_key(text)
    return (
        1 <= len(key) <= USERNAME_LENGTH
        and "/" not in text + key
        and key not in {".", ".."}
        and _REPLACEMENT_CHARACTER not in text
        and not any(unicodedata.category(char) in _REFUSED for char in text)
    )
