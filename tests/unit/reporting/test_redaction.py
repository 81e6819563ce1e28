"""What is taken out of every log line and mail."""

import gc
import json
import re
import sys
import time
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.reporting.redaction import own_secrets, redact, spellings
from app.reporting.shapes import HIDDEN
from tests.harness.plugin.behaviour import behaviour

SESSION = ".eJwlzjkOwjAQAMC_uKbw3s5nIu8haBNSIf5OEPVM8y57HXk-y_Y-rnyU_RVlK4g.ZzX2fA"
SESSION += ".0rfN8dU3oHxM2j0d9Yw1v5J0a1o"
CSRF = "IjQ4YzY5ZjQ2ZTI0ZjE5MmI0NDZlZjE3ZDIwZjI5ZDA2ZmRkYzJkYzki.ZzX2fA"
CSRF += ".Q0hAh2-6TPm1Qd0r0bZsJc_XTH0"
VIOLATION = "(psycopg.errors.UniqueViolation) una llave duplicada viola «uq»"
REMEMBER = "17|" + "9f" * 64


@behaviour("mail.no-secrets")
@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("[SQL: ...]\n[parameters: ('susan', 'a]b')]\n(Background on", "susan"),
        ("[parameters: ('susan',", "susan"),
        ("repr: '[parameters: (1,)]'", "(1,)"),
        ("DETAIL:  Key (username)=(susan) already exists.", "susan"),
        ("DETAIL:  Failing row contains (1, two\nlines).\n[SQL: INSERT", "lines"),
        ("DETAIL:  Key (a)=(b)\n\nThe above exception was", "(b)"),
        ("  | DETAIL:  Key (a)=(b)\n  | [SQL: INSERT", "(b)"),
        ("'...DETAIL:  Key (a)=(b) exists.\\n'", "(b)"),
        (f"{VIOLATION}\nDETALLE:  Ya existe la llave (a)=(b).\n[SQL: INSERT", "(b)"),
        ("psycopg.errors.A: non\nDÉTAIL : La clé « (a)=(b\nc) » existe.", "c) »"),
        (f"  | {VIOLATION}\n  | 详细信息: 键值(a)=(c)已经存在\n  | [SQL: ", "(c)"),
        (f"E('{VIOLATION}\\nDETALLE:  (a)=(b)\\n[SQL: INSERT')", "(b)"),
        ("pbkdf2:sha256:1$OJBVx1$" + "0f" * 32, "OJBV"),
        ("scrypt:32768:8:1$salt$" + "0f" * 64, "salt"),
        ("$2b$12$abcdefghijklmnopqrstuv", "abcdef"),
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash", "c29t"),
        (f"cannot load {SESSION}!", SESSION),
        (f"token is {CSRF}", CSRF),
        (f"user {REMEMBER} is gone", "9f9f"),
        ("Basic c3VzYW46Y2F0Y2F0", "c3VzYW4"),
        ("Authorization: Digest username=x, response=0123", "0123"),
        ("{'HTTP_COOKIE': 'session=abc; theme=dark', 'x': 1}", "dark"),
        ("Set-Cookie: session=abc; HttpOnly\nnext", "HttpOnly"),
        ("postgresql://me:pa55@db/microblog is away", "pa55"),
        ("/login?password=cat&next=/", "cat"),
        ("ImmutableMultiDict({'password2': 'cat\\'s'})", "cat"),
        ("{'api_key': \"k 1\"}", "k 1"),
        ("SECRET_KEY = hush", "hush"),
        ("csrf_token: abc", "abc"),
        ("/login?next=%2Fx%3Fpassword%3Dcat%26page%3D2", "cat"),
        ("/login?next=password%3dcat", "cat"),
        ('{"password": "cat and dog"}', "dog"),
        ('b\'{"new_password":"cat"}\'', "cat"),
        (repr(json.dumps({"password": "it's a cat"})), "cat"),
        (json.dumps({"body": json.dumps({"password": "cat and dog"})}), "dog"),
        ("ImmutableMultiDict([('password', 'cat'), ('page', '2')])", "cat"),
        ("[('Authorization', 'Token cat'), ('Host', 'b')]", "cat"),
        ("EnvironHeaders([('Cookie', 'session=abc; theme=dark')])", "dark"),
        ("    raise E(f'Authorization: Token cat')\nE: Cookie: a=cat", "cat"),
        ("X-CSRFToken: abc", "abc"),
        ("X-Api-Key: abc", "abc"),
    ],
    ids=lambda text: text.split()[0][:20],
)
def test_shapes(text: str, safe: str) -> None:
    """What looks like a secret is hidden, wherever it comes from."""
    redacted = redact(text)

    assert safe not in redacted
    assert HIDDEN in redacted


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("x [parameters: (1,)]\n(Background on", f"x [parameters: {HIDDEN}]\n(Backg"),
        ("DETAIL:  Key (a)=(b)\n[SQL: INSERT]", f"DETAIL:  {HIDDEN}\n[SQL: INSERT]"),
        (f"{VIOLATION}\nDÉTAIL : x\n[SQL: I", f"{VIOLATION}\n{HIDDEN}\n[SQL: I"),
        (f"{VIOLATION}\nx\n\nDuring handling", f"{VIOLATION}\n{HIDDEN}\n\nDuring"),
        ("/login?password=cat&next=/", f"/login?password={HIDDEN}&next=/"),
        ("postgresql://me:pa55@db/x", f"postgresql://me:{HIDDEN}@db/x"),
        ("Cookie: a=b\nHost: c", f"Cookie: {HIDDEN}\nHost: c"),
        ("{'password': 'a', 'name': 'b'}", f"{{'password': {HIDDEN}, 'name': 'b'}}"),
        ("next=password%3Dcat%26page%3D2", f"next=password%3D{HIDDEN}%26page%3D2"),
        (r'"{\"password\": \"a b\", \"c\": 1}"', rf'"{{\"password\": {HIDDEN}, \"c\":'),
        ("[('Cookie', 'a=b'), ('Host', 'c')]", f"[('Cookie', {HIDDEN}), ('Host', 'c')"),
        ("[('pwd', 'a'), ('page', '2')]", f"[('pwd', {HIDDEN}), ('page', '2')]"),
    ],
    ids=[
        *(
            "parameters",
            "detail",
            "localized",
            "cause",
            "query",
            "url",
            "header",
            "dict",
        ),
        *("encoded", "json", "headers", "pairs"),
    ],
)
def test_the_rest_stays(text: str, rest: str) -> None:
    """Nothing but the secret itself is taken away."""
    assert redact(text).startswith(rest)


@pytest.mark.parametrize(
    "text",
    [
        "Exception on /edit_profile [POST]",
        '  File "/srv/app/posts.py", line 12, in index',
        "(sqlite3.OperationalError) no such table: user",
        f"{VIOLATION}\n[SQL: INSERT]\n(Background on this error at: x)",
        f"{VIOLATION}\n\nThe above exception was the direct cause of this:\n\nE: x",
        f"  | {VIOLATION}\n  +---------------- 2 ----------------\n  | E: x",
        "psycopg.OperationalError: connection failed\n\tIs the server running?",
        "[SQL parameters hidden due to hide_parameters=True]",
        "http://localhost:5000/user/susan?before=3",
        "The password is too short.",
        "No cookie, no session: neither name, password, nor token.",
    ],
    ids=[
        *("exception", "frame", "sqlite", "postgresql", "cause", "group", "connection"),
        *("hidden", "address", "sentence", "list"),
    ],
)
def test_ordinary_text(text: str) -> None:
    """Text without a secret is left as it is."""
    assert redact(text) == text


@given(
    secret=st.text(min_size=8).filter(str.strip),
    before=st.text(),
    after=st.text(),
)
@example(secret=HIDDEN + HIDDEN, before=HIDDEN + HIDDEN, after="")
def test_known_secrets(secret: str, before: str, after: str) -> None:
    """A known secret of eight characters is hidden whatever stands around it."""
    if secret in HIDDEN or secret in before + HIDDEN + after:
        return

    assert secret not in redact(before + secret + after, spellings([secret]))


@pytest.mark.parametrize("spell", [quote, repr, str], ids=["url", "repr", "plain"])
def test_spellings(spell: "type[str]") -> None:
    """A known secret is found in the spelling of a URL and of a repr, too."""
    text = redact(f"a {spell('grün & blau/9')} b", spellings(["grün & blau/9"]))

    assert "blau" not in text


def test_short_secrets_are_whole_words() -> None:
    """A known secret of less than eight characters is hidden as a word only."""
    redacted = redact("cat in category, tomcat (cat)", spellings(["cat"]))

    assert redacted == f"{HIDDEN} in category, tomcat ({HIDDEN})"


def test_longest_first() -> None:
    """Of two secrets, one within the other, nothing of the longer one remains."""
    known = [*spellings(["opensesame"]), *spellings(["opensesame-2"])]

    assert redact("opensesame-2", known) == HIDDEN


def test_own_secrets() -> None:
    """The application's key, mail password and database password are known secrets."""
    config = {
        "SECRET_KEY": "key",
        "MAIL_PASSWORD": "mail",
        "SQLALCHEMY_DATABASE_URI": "postgresql://me:db@host/x",
    }

    assert set(own_secrets(config)) == {"key", "mail", "db"}


def test_unset_secrets() -> None:
    """What is not set is no secret."""
    config = {
        "SECRET_KEY": "",
        "MAIL_PASSWORD": None,
        "SQLALCHEMY_DATABASE_URI": "sqlite:///app.db",
    }

    assert own_secrets(config) == ()


@pytest.mark.parametrize("secret", ["cat4", "open sesame 4"], ids=["short", "long"])
def test_nothing_is_kept(secret: str) -> None:
    """A known secret is no longer in memory when its report is written."""
    known = spellings([secret.replace("4", "2")])
    other = re.compile(f"{secret} is seen")
    holders = [sys.getrefcount(spelling) for spelling in known]

    redact(f"it was {known[0]}", known)
    spellings([secret.replace("4", "2")])

    assert [sys.getrefcount(spelling) for spelling in known] == holders
    patterns = [each for each in gc.get_objects() if isinstance(each, re.Pattern)]
    assert other in patterns
    assert [each for each in patterns if known[0] in str(each.pattern)] == []


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "[parameters: ",
            "DETAIL: ",
            "psycopg.errors.E: ",
            "scrypt:",
            "scrypt:1$",
            "$2b$",
            "a.",
            "-",
            "1|",
        ),
        *("basic ", "cookie=", "cookie='", "://a", "://a:", "password", 'password="'),
        *(
            "token = ",
            "]",
            "\\n",
            "'",
            "\n| ",
            "password%3D",
            "token', '",
            "('cookie', ",
        ),
        *('password\\": \\"', "\\"),
    ],
)
def test_time_is_linear(piece: str) -> None:
    """No text that a stranger may send takes long to look through."""
    text = piece * (200_000 // len(piece))
    begin = time.process_time()

    redact(text)

    assert time.process_time() - begin < 1
