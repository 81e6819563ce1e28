"""Redaction of secrets in log lines and mails."""

import gc
import html
import json
import time
import weakref
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import make_url

from app.reporting import redaction
from app.reporting.redaction import (
    REDACTED,
    config_secrets,
    redact_patterns,
    redact_values,
    spellings,
)
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
def test_patterns(text: str, safe: str) -> None:
    """Text that looks like a secret is redacted in any notation."""
    redacted = redact_patterns(text)

    assert safe not in redacted
    assert REDACTED in redacted


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("x [parameters: (1,)]\n(Background on", f"x [parameters: {REDACTED}]\n(Backg"),
        ("DETAIL:  Key (a)=(b)\n[SQL: INSERT]", f"DETAIL:  {REDACTED}\n[SQL: INSERT]"),
        (f"{VIOLATION}\nDÉTAIL : x\n[SQL: I", f"{VIOLATION}\n{REDACTED}\n[SQL: I"),
        (f"{VIOLATION}\nx\n\nDuring handling", f"{VIOLATION}\n{REDACTED}\n\nDuring"),
        ("/login?password=cat&next=/", f"/login?password={REDACTED}&next=/"),
        ("postgresql://me:pa55@db/x", f"postgresql://me:{REDACTED}@db/x"),
        ("Cookie: a=b\nHost: c", f"Cookie: {REDACTED}\nHost: c"),
        ("{'password': 'a', 'name': 'b'}", f"{{'password': {REDACTED}, 'name': 'b'}}"),
        ("next=password%3Dcat%26page%3D2", f"next=password%3D{REDACTED}%26page%3D2"),
        (
            r'"{\"password\": \"a b\", \"c\": 1}"',
            rf'"{{\"password\": {REDACTED}, \"c\":',
        ),
        (
            "[('Cookie', 'a=b'), ('Host', 'c')]",
            f"[('Cookie', {REDACTED}), ('Host', 'c')",
        ),
        ("[('pwd', 'a'), ('page', '2')]", f"[('pwd', {REDACTED}), ('page', '2')]"),
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
    """Only the secret itself is redacted."""
    assert redact_patterns(text).startswith(rest)


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
    """Text without a secret is unchanged."""
    assert redact_patterns(text) == text


@given(
    secret=st.text(min_size=8).filter(str.strip),
    before=st.text(),
    after=st.text(),
)
@example(secret=REDACTED + REDACTED, before=REDACTED + REDACTED, after="")
def test_known_secrets(secret: str, before: str, after: str) -> None:
    """A known secret of at least eight characters is redacted within any text."""
    if secret in REDACTED or secret in before + REDACTED + after:
        return

    assert secret not in redact_values(before + secret + after, spellings([secret]))


@pytest.mark.parametrize("spell", [quote, quote_plus, html.escape, repr, str])
@pytest.mark.parametrize("secret", ["grün & blau/9", "it's <blau>", "\\ \n blau"])
def test_spellings(spell: Callable[[str], str], secret: str) -> None:
    """A known secret is redacted in its URL and repr() spelling."""
    text = redact_values(f"a {spell(secret)} b", spellings([secret]))

    assert "blau" not in text


def test_spellings_of_surrogates() -> None:
    """A secret that no encoding has is found, and breaks nothing."""
    assert redact_values("a \ud800-secret b", spellings(["\ud800-secret"])) == (
        f"a {REDACTED} b"
    )


@behaviour("mail.no-secrets")
@pytest.mark.parametrize(
    "name",
    [
        *("password", "passwd", "passphrase", "pwd", "secret", "token", "api_key"),
        *("api-key", "apikey", "credential", "signature", "OldPassword", "TOKEN_2"),
    ],
)
def test_sensitive_names(name: str) -> None:
    """The value of a field with such a word in its name is hidden."""
    assert redact_patterns(f"{name}=cat") == f"{name}={REDACTED}"


@behaviour("mail.no-secrets")
@pytest.mark.parametrize("scheme", ["Basic", "bearer", "DIGEST"])
def test_authentication_schemes(scheme: str) -> None:
    """Credentials are hidden after each scheme of HTTP."""
    assert redact_patterns(f"x {scheme} c3VzYW4= y") == f"x {scheme} {REDACTED} y"


@behaviour("mail.no-secrets")
@pytest.mark.parametrize(
    "after",
    [
        *("[SQL: INSERT", "HINT:  y", "CONTEXT:  y", "(Background on", "+------ 2 --"),
        *("Stack (most recent", "\nThe above exception", "\n  | During handling"),
    ],
)
def test_what_follows_details(after: str) -> None:
    """The details of a database's message end where a known part begins."""
    for start in (f"{VIOLATION}\n", f"{VIOLATION.replace('psycopg', 'psycopg2')}\n"):
        assert redact_patterns(f"{start}a\nb\n{after}") == f"{start}{REDACTED}\n{after}"
    assert redact_patterns(f"DETAIL:  a\n{after}") == f"DETAIL:  {REDACTED}\n{after}"


def test_short_secrets_are_whole_words() -> None:
    """A known secret of less than eight characters is redacted as a word only."""
    redacted = redact_values("cat in category, tomcat (cat)", spellings(["cat"]))

    assert redacted == f"{REDACTED} in category, tomcat ({REDACTED})"


def test_longest_first() -> None:
    """A secret that contains another one is redacted completely."""
    known = [*spellings(["opensesame"]), *spellings(["opensesame-2"])]

    assert redact_values("opensesame-2", known) == REDACTED


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({"SECRET_KEY": "key", "MAIL_PASSWORD": "mail"}, {"key", "mail"}),
        ({"SECRET_KEY": b"k\xff", "MAIL_PASSWORD": None}, {r"k\xff"}),
        ({"SECRET_KEY_FALLBACKS": ["old"]}, {"old"}),
        ({"SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://me:db@host/x"}, {"db"}),
        ({"REDIS_URL": "redis://:p%40s@host/0"}, {"p%40s", "p@s"}),
        ({"SQLALCHEMY_BINDS": {"users": "mysql://me:db@host/x"}}, {"db"}),
        ({"SQLALCHEMY_DATABASE_URI": make_url("mysql://me:db@host/x")}, {"db"}),
        ({"SECRET_KEY": "", "SQLALCHEMY_DATABASE_URI": "sqlite:///app.db"}, set()),
        ({"HOME": "http://example.com:80/", "BROKER": "amqp://guest:@host"}, set()),
    ],
    ids=[
        *("keys", "bytes", "fallbacks", "database", "quoted", "binds", "object"),
        *("unset", "no-password"),
    ],
)
def test_config_secrets(settings: dict[str, Any], secrets: set[str]) -> None:
    """Keys, the mail password and passwords in URLs are known secrets."""
    found = set(config_secrets(settings))

    assert found >= secrets
    assert bool(found) == bool(secrets)


class Secret(str):
    """A string that allows weak references."""


@pytest.mark.parametrize("text", ["cat4", "open sesame 4"], ids=["short", "long"])
def test_nothing_is_kept(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redaction keeps no reference to a secret."""
    monkeypatch.setattr(redaction, "re", None)
    secret = Secret(text)
    kept = weakref.ref(secret)

    assert redact_values(f"it was {text}", spellings([secret])) == "it was [hidden]"
    del secret
    gc.collect()
    assert kept() is None


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
    """Redacting 200 kB of repeated markers takes less than a second."""
    text = piece * (200_000 // len(piece)) + ".|$"  # hints of other patterns
    begin = time.process_time()

    redact_patterns(text)

    assert time.process_time() - begin < 1
