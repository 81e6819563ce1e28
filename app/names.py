"""What may be a name or a text, and when two names are one.

The rules stand here once; the forms, the models and the migration ask them.
"""

import unicodedata

NAME_LENGTH = 64  # characters: the width of the column, and of the form
TEXT_LENGTH = 140  # characters of a post and of an about-me

# The characters that turn the direction of what follows them: they make a text read
# otherwise than it is stored. https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# What is not shown (default ignorable, but for the format characters, which are refused
# in names), and the empty sign of Braille, which looks like a blank.
# https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
_UNSEEN: dict[int, str | None] = dict.fromkeys(
    [
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F),
        *range(0xFE00, 0xFE10),  # which variant of the sign before
        *(0x2065, *range(0xFFF0, 0xFFF9)),
        *range(0xE0000, 0xE1000),
    ]
) | {0x2800: " "}


def name_key(name: str) -> str:
    """The form in which names are compared: equal keys are one name.

    Unicode's compatibility form, without case and what is not shown, each run of blanks
    one blank.
    """
    folded = unicodedata.normalize("NFKC", name).casefold().translate(_UNSEEN)
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def is_name(name: str) -> bool:
    """Whether the name can be stored, shown, and be part of an address.

    Control, format and unassigned characters (category C) are out, and so are
    names that a URL's path cannot carry: ``/``, ``.`` and ``..``.
    """
    if len(name) > NAME_LENGTH:
        return False  # before its key: that takes seconds for a very long name
    key = name_key(name)
    return (
        1 <= len(key) <= NAME_LENGTH
        and "/" not in name + key
        and key not in {".", ".."}
        and not any(unicodedata.category(char) in _REFUSED for char in name)
    )


def is_seen(text: str) -> bool:
    """Whether there is anything to see in a text."""
    shown = unicodedata.normalize("NFKC", text).translate(_UNSEEN)
    return any(unicodedata.category(char) not in _BLANK for char in shown)


def is_text(text: str) -> bool:
    """Whether a text of several lines can be stored and shown as it is."""
    return not any(
        char in _DIRECTION or unicodedata.category(char) in {"Cc", "Cs"}
        for char in text
        if char not in "\n\t"
    )


# What a text may have in it and is not seen either, format characters among them.
_BLANK = {"Cc", "Cf", "Zl", "Zp", "Zs"}
_REFUSED = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
