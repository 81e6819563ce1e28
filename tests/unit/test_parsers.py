"""The parsers of settings."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import parsers
from tests.harness.mail.certificates import write_authority
from tests.harness.plugin.behaviour import behaviour
from tests.unit.unprivileged import unprivileged

IN_TIME = "connect_timeout=3"


@behaviour("config.booleans")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", True), ("true", True), ("Yes", True), ("ON", True)),
        *(("0", False), ("false", False), ("No", False), ("OFF", False)),
    ],
)
def test_booleans(text: str, value: bool) -> None:
    """A switch accepts 1, true, yes, on and their opposites in any case."""
    assert parsers.boolean(text) is value


@given(st.integers(min_value=1, max_value=65535))
def test_ports(number: int) -> None:
    """Each number from 1 to 65535 is a port."""
    assert parsers.port(str(number)) == number


@pytest.mark.parametrize("number", [1, 65535])
def test_outermost_ports(number: int) -> None:
    """The lowest and the highest port are valid."""
    assert parsers.port(str(number)) == number


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0.0), ("2.5", 2.5), ("0.125", 0.125), ("86400", 86400.0)]
)
def test_seconds(text: str, value: float) -> None:
    """Seconds range from 0 to a day, with fractions."""
    assert parsers.seconds(text) == value


def test_duration() -> None:
    """A duration is a number of seconds above 0."""
    assert parsers.duration("0.5") == 0.5


@pytest.mark.parametrize(
    "text",
    [
        *("localhost", "mail.example.com", "127.0.0.1", "::1"),
        *("2001:db8:0:0:0:0:0:1", "fd00::1:25", "::ffff:192.0.2.1", "fe80::1%eth0"),
    ],
)
def test_hosts(text: str) -> None:
    """Host names, IPv4 and IPv6 addresses are valid hosts."""
    assert parsers.host(text) == text


@pytest.mark.parametrize("parse", [parsers.text, parsers.secret_key])
def test_text(parse: Callable[[str], str]) -> None:
    """Text is used unchanged, whitespace included."""
    assert parse(" a long passphrase \u2603 ") == " a long passphrase \u2603 "


@behaviour("security.secret-key")
@pytest.mark.parametrize(
    "key",
    ["a", "0123456789abcde", "a" * 40, "abcabcabcabcabcabcabc", "you-will-never-guess"],
    ids=["one", "short", "repeated", "few-characters", "of-the-tutorial"],
)
def test_guessable_secret_key(key: str) -> None:
    """A guessable key is refused with a command that makes a better one."""
    with pytest.raises(ValueError, match=r"^use a key .*secrets\.token_hex\(\)"):
        parsers.secret_key(key)


@behaviour("security.secret-key")
def test_shortest_secret_key() -> None:
    """A key of 16 characters, 8 of them different, is accepted; one less is not."""
    assert parsers.secret_key("0123456701234567") == "0123456701234567"

    for key in ("0123456012345601", "012345670123456"):
        with pytest.raises(ValueError, match=r"^use a key"):
            parsers.secret_key(key)


@behaviour("config.admins")
@pytest.mark.parametrize(
    "text", ["a@example.com,b@localhost", " a@example.com , b@localhost, "]
)
def test_addresses(text: str) -> None:
    """Addresses are separated by commas, with or without whitespace."""
    assert parsers.addresses(text) == ["a@example.com", "b@localhost"]


@behaviour("config.admins")
@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("a@b\u00fccher.example", "a@xn--bcher-kva.example"),
        ("a@my-host_2.example", "a@my-host_2.example"),
        ("a@stra\u00dfe.example", "a@xn--strae-oqa.example"),  # not strasse.example
        *(
            (one, one)
            for one in ("o'x+y@z.example", "j\u00f6@z.example", "a.b@10.0.0.1")
        ),
    ],
)
def test_address_as_used(text: str, used: str) -> None:
    """An address keeps its spelling, but a non-ASCII host is encoded."""
    assert parsers.addresses(text) == [used]


@behaviour("config.bad-value")
@pytest.mark.parametrize("text", ["a@", "a@b c"])
def test_sender_that_is_no_address(text: str) -> None:
    """One address that is invalid is refused as one."""
    with pytest.raises(ValueError, match=r"^use a mail address$"):
        parsers.address(text)


def test_authority(tmp_path: Path) -> None:
    """A file of certificates is accepted."""
    path = str(write_authority(tmp_path))

    assert parsers.ca_file(path) == path


@behaviour("config.bad-value")
def test_file_without_certificates(tmp_path: Path) -> None:
    """A file without certificates is refused."""
    path = tmp_path / "authority.pem"
    path.touch()

    with pytest.raises(ValueError, match=r"^use the path of a file"):
        parsers.ca_file(str(path))


@behaviour("config.bad-value")
def test_unreadable_authority(tmp_path: Path) -> None:
    """An unreadable file of certificates is refused."""
    path = write_authority(tmp_path)
    path.chmod(0)

    with (
        unprivileged(),
        pytest.raises(ValueError, match=r"^use the path of a file"),
    ):
        parsers.ca_file(str(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sqlite:///app.db", "sqlite:///app.db"),
        ("sqlite:///app.db?timeout=5", "sqlite:///app.db?timeout=5"),
        ("sqlite+pysqlite:///app.db", "sqlite+pysqlite:///app.db"),
        (
            "postgres://h/d?application_name=postgres://",
            "postgresql+psycopg://h/d?application_name=postgres%3A%2F%2F&" + IN_TIME,
        ),
        ("postgres://u:p@h/d", f"postgresql+psycopg://u:p@h/d?{IN_TIME}"),
        ("postgresql://u:p@h/d", f"postgresql+psycopg://u:p@h/d?{IN_TIME}"),
        ("postgresql+psycopg://u:%40@h/d", f"postgresql+psycopg://u:%40@h/d?{IN_TIME}"),
        (
            "postgresql://u@/d?host=a:1&host=b:2&sslmode=require",
            f"postgresql+psycopg://u@/d?{IN_TIME}&host=a%3A1&host=b%3A2&sslmode=require",
        ),
    ],
    ids=[
        "sqlite",
        "options",
        "pysqlite",
        "other",
        "postgres",
        "postgresql",
        "driver",
        "hosts",
    ],
)
def test_databases(text: str, value: str) -> None:
    """All spellings of a PostgreSQL address use psycopg 3 with a timeout."""
    assert parsers.database_url(text) == value


@pytest.mark.parametrize("seconds", ["20", "-1"], ids=["some", "unlimited"])
def test_own_connect_timeout(seconds: str) -> None:
    """An address may set its own connection timeout."""
    url = parsers.database_url(f"postgresql://h/d?connect_timeout={seconds}")

    assert url == f"postgresql+psycopg://h/d?connect_timeout={seconds}"


@pytest.mark.parametrize(
    "mode", ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
)
def test_ssl_modes(mode: str) -> None:
    """An address may set each of PostgreSQL's TLS modes."""
    url = parsers.database_url(f"postgresql://h/d?connect_timeout=1&sslmode={mode}")

    assert url == f"postgresql+psycopg://h/d?connect_timeout=1&sslmode={mode}"


@behaviour("config.bad-value")
def test_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL without its driver is refused with what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)  # this makes the import fail

    with pytest.raises(ValueError, match=r"^install the extra .*'\.\[postgres\]'$"):
        parsers.database_url("postgresql://h/d")


BAD = [
    (parsers.boolean, ["2", "maybe", "tru", " "]),
    (parsers.port, ["0", "65536", "-1", "2.5", "x", "٢٥", "1" * 5000]),
    (parsers.seconds, ["-1", "86401", "x", "1e3", "nan", "inf", "1.2345"]),
    (parsers.duration, ["0", "0.0"]),
    (
        parsers.host,
        [
            *("a b", "a:25", "smtp://a", "a@b", "a\nb", "\ud800", "a..b", "a" * 64),
            *("::1%a b", "::1%a\nb", "::1%\udcff"),
            *("", "a/b", "a\x01b", "a\x7fb"),
            *("[::1]", "[::1]:25", "a:b", "::1::2", "127.0.0.1:25"),
        ],
    ),
    (parsers.text, ["\ud800", "a\udcff"]),
    (parsers.secret_key, ["\ud800", "a\udcff", " ", "\n"]),
    (
        parsers.addresses,
        [
            *(",", "a", "a@b@c", "a b@c", "a@b,c", "A <a@b>", "a@b\nBcc: c@d"),
            *("\udcffa@b", "a;b@c.d", ":;@x", "a@b..c", 'a"b@c.d', ".a@b", "a@b;c"),
            *("a@", "@b", "a@::1"),
        ],
    ),
    (parsers.ca_file, ["/does/not/exist", ".", __file__, "\ud800"]),
    (
        parsers.database_url,
        [
            *("app.db", "nosuch://x", "://", "sqlite://host/x.db"),
            *("mysql://h/d", "oracle://h/d", "sqlite+aiosqlite:///x.db"),
            *("postgresql+psycopg2://h/d", "postgresql+asyncpg://h/d"),
            *("sqlite:///x.db?timeout=abc", "postgresql://h:x/d"),
            *("postgresql://h:99999/d", "postgresql:///d?host=a:1&host=b:99999"),
            *("postgresql://h/d?a=b", "postgresql://h/d?sslmode=bogus"),
            "postgresql://h/d?connect_timeout=abc",
            *(
                "postgresql://h/d?connect_timeout=5s",
                "postgresql://h/d?connect_timeout=-",
            ),
        ],
    ),
]


@behaviour("config.bad-value")
@pytest.mark.parametrize(
    ("check", "text"),
    [
        pytest.param(check, text, id=f"{check.__name__}-{number}")
        for check, texts in BAD
        for number, text in enumerate(texts)
    ],
)
def test_bad_values(check: Callable[[str], object], text: str) -> None:
    """A value that cannot work is refused with what to use instead."""
    with pytest.raises(ValueError, match=r"^(use|install) "):
        check(text)
