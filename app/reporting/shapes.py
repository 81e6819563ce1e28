"""How a secret looks: what is taken out of a text without being known.

Every pattern is linear in the length of the text: the text may come from a stranger.
"""

import re
from typing import NamedTuple

HIDDEN = "[hidden]"

SENSITIVE_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "api_key",
    "api-key",
    "apikey",
    "credential",
    "signature",
)
SENSITIVE_NAME = re.compile("|".join(SENSITIVE_WORDS), re.I)
"""A field or setting with such a word in its name holds a secret."""

# Strings of Python and JSON, also cut off, also in a string, where quotes are escaped.
_QUOTED = (
    r"""(?:[bru]{0,2}(?:'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?)"""
    r"""|\\{1,8}(?:'[^'\n]*'?|"[^"\n]*"?))"""
)
_BARE = r"""(?:[^\s,;&'"<>()\[\]{}%]|%(?!(?:25){0,3}26))+"""
_IS = (
    r"""(?:\\{0,8}['"]?\s{0,8}(?:[=:]|%(?:25){0,3}3[ad])\s{0,8}"""
    r"""|['"],\s{0,8}(?=[bru]{0,2}['"]))"""
)
"""Between a name and its value; the last way is that of a pair in a list."""

_POSTGRESQL = r"psycopg2?\.errors\.\w+[:)] "
_NEWLINE = r"(?:\n[ |]*+|\\n)"
_BELOW = (
    r"(?:\[SQL|HINT:|CONTEXT:|\(Background|\+-|Stack \("
    r"|\n[ |]*(?:The above|During handling))"
)
"""What may stand below a message of PostgreSQL and is none of its details."""


class Shape(NamedTuple):
    """How a kind of secret looks."""

    hints: tuple[str, ...]
    """In lower case; without one of them in the text, the pattern is not tried."""
    pattern: re.Pattern[str]
    replacement: str = HIDDEN


SHAPES = (
    # SQLAlchemy's statement errors, should hide_parameters ever be off.
    Shape(
        ("[parameters: ",),
        re.compile(r"(\[parameters: )(?:.*?\](?=\n|\\n|['\")]|\Z)|.*)", re.S),
        rf"\1{HIDDEN}]",
    ),
    # PostgreSQL quotes the row: "DETAIL:  Key (username)=(susan) already exists." It
    # does so in the language of its server, below the first line of its message.
    Shape(
        ("psycopg",),
        re.compile(
            rf"({_POSTGRESQL}(?:(?!{_POSTGRESQL}|\\n)[^\n])*{_NEWLINE})"
            rf"(?!{_BELOW}).+?(?={_NEWLINE}{_BELOW}|\Z)",
            re.S,
        ),
        rf"\1{HIDDEN}",
    ),
    Shape(
        ("detail: ",),
        re.compile(rf"(DETAIL:  ?).*?(?=\\n|{_NEWLINE}{_BELOW}|\Z)", re.S),
        rf"\1{HIDDEN}",
    ),
    # Password hashes: Werkzeug's, and those in the format of crypt(3).
    Shape(
        ("scrypt:", "pbkdf2:"),
        re.compile(
            r"(?:scrypt|pbkdf2)(?::[\w-]{1,20}){0,4}\$[^\s$'\"]{1,64}\$[0-9a-f]{16,512}"
        ),
    ),
    Shape(("$",), re.compile(r"\$(?:2[abxy]|argon2\w{1,2}|scrypt|[156y])\$[^\s'\"]+")),
    # What itsdangerous signs with a time: session cookies and CSRF tokens.
    Shape((".",), re.compile(r"(?<![\w.-])\.?[\w-]{8,}\.[\w-]{6}\.[\w-]{27,}")),
    # Flask-Login's remember-me cookie: what a session keeps of the user, and a digest.
    Shape(("|",), re.compile(r"(?<![\w.-])[\w.-]{1,64}\|[0-9a-f]{64,128}")),
    Shape(
        ("basic", "bearer", "digest"),
        re.compile(r"\b(basic|bearer|digest)\s+[\w+/=.~-]{8,}", re.I),
        rf"\1 {HIDDEN}",
    ),
    # Whole headers, as sent or as in a WSGI environment.
    Shape(
        ("authorization", "cookie"),
        re.compile(
            rf"((?:authorization|cookie){_IS})"
            rf"(?:{_QUOTED}|(?:[^\n'\"=]|=\"[^\"\n]*\"|=)+)",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    Shape(
        ("://",), re.compile(r"(?<=://)([^\s:/@'\"]*):[^\s/'\"]+@"), rf"\1:{HIDDEN}@"
    ),
    # name=value, name: value, 'name': 'value', ('name', 'value'), name%3Dvalue.
    Shape(
        SENSITIVE_WORDS,
        re.compile(
            rf"({SENSITIVE_NAME.pattern})([\w-]{{0,40}}{_IS})"
            rf"(?!\[hidden\])(?:{_QUOTED}|{_BARE})",
            re.I,
        ),
        rf"\1\2{HIDDEN}",
    ),
)
