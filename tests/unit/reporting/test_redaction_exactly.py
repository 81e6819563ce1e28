"""What exactly is redacted: where each kind of secret begins and ends."""

import pytest

from app.reporting.redaction import (
    REDACTED,
    SENSITIVE_NAME,
    config_secrets,
    redact_patterns,
    redact_values,
    spellings,
)
from tests.harness.plugin.behaviour import behaviour

HEX = "0f" * 32
SIGNATURE = "ZzX2fA.Q0hAh2-6TPm1Qd0r0bZsJc_XTH0"
POSTGRESQL = "psycopg.errors.UniqueViolation"

#: Texts, and what is left of them; # is where a secret was.
STRINGS = [
    *((f"password={kind}'a cat' x", "password=# x") for kind in ("", *"bru", "br")),
    *((f'password={kind}"a cat" x', "password=# x") for kind in ("", *"bru")),
    (r"password='it\'s a cat' x", "password=# x"),
    (r'password="\"a\" cat" x', "password=# x"),
    *((f"password={mark}a cat\nx", "password=#\nx") for mark in ("'", '"')),
    *((f"password={mark}a cat", "password=#") for mark in ("'", '"')),
    *((f"password={mark}{mark} x", "password=# x") for mark in ("'", '"')),
    ('password="a", "name": "b"', 'password=#, "name": "b"'),
    *((f"password=\\{mark}a cat\\{mark} x", "password=# x") for mark in ("'", '"')),
    *((f"password=\\\\\\{mark}a b\\\\\\{mark} x", "password=# x") for mark in "'\""),
    *((f"password=\\{mark}a cat\nx", "password=#\nx") for mark in ("'", '"')),
    *((f"password=\\{mark}a cat", "password=#") for mark in ("'", '"')),
    *((f"password=\\{mark}", "password=#") for mark in ("'", '"')),
    *((f"password=cat{end}x", f"password=#{end}x") for end in " \n\t,;&'\"<>()[]{}"),
    ("password=c%41t%2526x", "password=#%2526x"),
    ("password%3acat%26x", "password%3a#%26x"),
    ("password-hash=cat x", "password-hash=# x"),
    *((f"('password', {kind}'a b'), x", "('password', #), x") for kind in "bru"),
    ('("password","a b"), x', '("password",#), x'),
    ('("password",  "a b"), x', '("password",  #), x'),
]

DATABASE = [
    *(
        (f"[parameters: ('a',\n'b')]{end}x", f"[parameters: #]{end}x")
        for end in ("\n", "\\n", "'", '"', ")")
    ),
    ("[parameters: (1,)]", "[parameters: #]"),
    ("[parameters: (1,", "[parameters: #]"),
    ("[parameters: ]\nx", "[parameters: #]\nx"),
    ("[parameters: ", "[parameters: #]"),
    (f"{POSTGRESQL}: \na\n[SQL: x", f"{POSTGRESQL}: \n#\n[SQL: x"),
    (f"{POSTGRESQL}: x\na\nb\n[SQL: y", f"{POSTGRESQL}: x\n#\n[SQL: y"),
    (f"{POSTGRESQL}: x\\na\\nb\\n[SQL: y", f"{POSTGRESQL}: x\\n#\\n[SQL: y"),
    (f"| {POSTGRESQL}: x\n | a\n | [SQL: y", f"| {POSTGRESQL}: x\n | #\n | [SQL: y"),
    ("DETAIL: a b\n[SQL: x", "DETAIL: #\n[SQL: x"),
    ("DETAIL:  \n[SQL: x", "DETAIL:  #\n[SQL: x"),
    (r"DETAIL:  a\nx", r"DETAIL:  #\nx"),
]

HASHES = [
    *(
        (f"'{hashed}' x", "'#' x")
        for hashed in (
            *(f"scrypt:1:2:3$salt${HEX}", f"pbkdf2:sha512-256:1$salt${HEX}"),
            *("$2a$a/b.c", "$2b$a/b.c", "$2x$a/b.c", "$2y$a/b.c", "$argon2id$v=1$a"),
            *("$argon2i$v=1$a", "$scrypt$a", "$1$a", "$5$a", "$6$a", "$y$a"),
        )
    ),
    ('"$5$a" x', '"#" x'),
    ("$5$a x", "# x"),
    (f"a {'-a_b' * 4}.{SIGNATURE} x", "a # x"),
    (f"a .{'-a_b' * 4}.{SIGNATURE} x", "a # x"),
    (f"a {'-a_b' * 4}.Zz-2_A.{SIGNATURE.partition('.')[2]} x", "a # x"),
    (f"a a_b.c-d|{HEX} x", "a # x"),
    ("Bearer   a+b/c.d~e-f_g= x", "Bearer # x"),
]

ADDRESSES = [
    ('Cookie: a="b c"; d=\'e', "Cookie: #'e"),
    ('Cookie: a=""; d=e\nx', "Cookie: #\nx"),
    ('Cookie: a="b\nHost: "c"', 'Cookie: #"b\nHost: "c"'),
    ('\'Cookie: a="b"\' x "c"', "'Cookie: #' x \"c\""),
    *((f"{mark}Cookie: a=b{mark} x", f"{mark}Cookie: #{mark} x") for mark in "'\""),
    ('Authorization: Digest a="b", c="d"\nx', "Authorization: #\nx"),
    ("redis://:p:w@h", "redis://:#@h"),
    ("a://me:p@w@h x", "a://me:#@h x"),
]


@behaviour("mail.no-secrets")
@pytest.mark.parametrize(
    ("text", "left"), [*STRINGS, *DATABASE, *HASHES, *ADDRESSES], ids=repr
)
def test_where_secrets_begin_and_end(text: str, left: str) -> None:
    """All of a secret is redacted, and nothing around it."""
    assert redact_patterns(text) == left.replace("#", REDACTED)


@pytest.mark.parametrize(
    "text",
    [
        *("password=, x", "password=", "cookie:", "psycopg.errors.: a\nb"),
        f"{POSTGRESQL}: x\n",
        *(f"scrypt:1${salt}${HEX}" for salt in ("a b", "a$b", "'a'", '"a"')),
        *("$5$ x", "$3$abc", "magicbasic abcdefgh", "basicabcdefgh"),
        *("a://b/c:d@e", "a://b c:d@e", "a://b@c:d@e", "a://'b:c@d", 'a://"b:c@d'),
        *("a://b:c d@e", "a://b:c/d@e", "a://b:c'd@e", 'a://b:c"d@e', "a://b:@c"),
    ],
)
def test_what_only_resembles_a_secret(text: str) -> None:
    """Text that lacks a part of a secret's pattern is unchanged."""
    assert redact_patterns(text) == text


def test_names_in_any_case() -> None:
    """A field's name is sensitive in any case."""
    assert SENSITIVE_NAME.search("OldPassword")
    assert not SENSITIVE_NAME.search("Passage")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        *(("xabcdefghx", "x#x"), ("xabcdefgx", "xabcdefgx"), (" abcdefg ", " # ")),
        *(("abcdefg_", "abcdefg_"), ("_abcdefg", "_abcdefg")),
        *((" xabcdefg ", " xabcdefg "), (" abcdefgs ", " abcdefgs ")),
    ],
)
def test_where_short_secrets_are_words(text: str, left: str) -> None:
    """Eight characters are redacted anywhere, and seven as a word."""
    found = redact_values(text, ["abcdefgh", "abcdefg"])

    assert found == left.replace("#", REDACTED)


def test_longest_of_several() -> None:
    """Of secrets that contain each other the longest is redacted."""
    known = ["opensesame", "1-opensesame-2"]

    assert redact_values("1-opensesame-2", known) == REDACTED


def test_spellings_within_a_text() -> None:
    """A known secret is redacted as it is and as repr() spells it, and no more."""
    secret = "it's\n<secret> \\"
    text = f"-{secret}-{repr(f'-{secret}-')[1:-1]}-"

    assert redact_values(text, spellings([secret])) == f"-{REDACTED}--{REDACTED}--"


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        *((f"{scheme}://me:db@host", {"db"}) for scheme in ("x", "a.b-c+d", "HTTP")),
        *(("x://me:d:b@host", {"d:b"}), ("x://:p%2fs@host", {"p%2fs", "p/s"})),
        *((url, set()) for url in ("x://h/a:b@c", "x://a@b:c@d", "see x://a:b@c")),
    ],
)
def test_passwords_in_urls(url: str, secrets: set[str]) -> None:
    """The password in a setting that is a URL is a known secret."""
    found = config_secrets({"BROKER": url})

    assert {*found} >= secrets
    assert bool(found) == bool(secrets)
