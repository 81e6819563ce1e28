"""Settings: their sources, their defaults, and the errors for bad values."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_wtf.csrf import generate_csrf, validate_csrf
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from wtforms.validators import ValidationError

from app.config import SETTINGS, ConfigError, Setting, load
from app.extensions import db
from app.models import User
from tests.harness.mail.certificates import write_authority
from tests.harness.plugin.behaviour import behaviour

README = Path(__file__).parents[2] / "README.md"
MAIL = {"MAIL_SERVER": "mail.example.com", "ADMINS": "admin@example.com"}


#: A text for each setting, and the value it stands for.
TEXTS: dict[str, tuple[str, object]] = {
    "SECRET_KEY": ("0123456789abcdef", "0123456789abcdef"),
    "DATABASE_URL": ("sqlite:///x.db", "sqlite:///x.db"),
    "LOG_DIR": ("/var/log/microblog", Path("/var/log/microblog")),
    "LOG_TO_STDOUT": ("1", True),
    "ADMINS": ("a@example.com", ["a@example.com"]),
    "MAIL_DEFAULT_SENDER": ("a@example.com", "a@example.com"),
    "MAIL_SERVER": ("mail.example.org", "mail.example.org"),
    "MAIL_PORT": ("587", 587),
    "MAIL_USE_TLS": ("1", True),
    "MAIL_USE_SSL": ("1", True),
    "MAIL_USERNAME": ("susan", "susan"),
    "MAIL_PASSWORD": ("s3cret", "s3cret"),
    "MAIL_CA_FILE": ("authority.pem", "authority.pem"),
    "MAIL_AUTH_WITHOUT_TLS": ("1", True),
    "MAIL_TIMEOUT": ("2.5", 2.5),
    "MAIL_INTERVAL": ("0", 0.0),
}

#: The default of each setting, and its description in the README. None for what is set
#: later, by reporting.install() or create_app().
DEFAULTS: dict[str, tuple[object, str]] = {
    "SECRET_KEY": (None, "created, and kept in `instance/`"),
    "DATABASE_URL": ("sqlite:///app.db", "SQLite, `instance/app.db`"),
    "LOG_DIR": (None, "`logs/`, next to `app/`"),
    "LOG_TO_STDOUT": (False, "off"),
    "ADMINS": ([], "nobody"),
    "MAIL_DEFAULT_SENDER": (None, "no-reply@`MAIL_SERVER`"),
    "MAIL_SERVER": (None, "none: no mails"),
    "MAIL_PORT": (None, "25; 465 with `MAIL_USE_SSL`"),
    "MAIL_USE_TLS": (False, "off"),
    "MAIL_USE_SSL": (False, "off"),
    "MAIL_USERNAME": (None, "none"),
    "MAIL_PASSWORD": (None, "none"),
    "MAIL_CA_FILE": (None, "the system's authorities"),
    "MAIL_AUTH_WITHOUT_TLS": (False, "off"),
    "MAIL_TIMEOUT": (10.0, "10"),
    "MAIL_INTERVAL": (60.0, "60"),
}

#: The settings whose keys have other names than their variables.
KEYS = {"DATABASE_URL": "SQLALCHEMY_DATABASE_URI"}

each_setting = pytest.mark.parametrize("name", DEFAULTS)


@behaviour("config.from-environment")
@each_setting
def test_settings_come_from_the_environment(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting is read from the variable of its name."""
    monkeypatch.chdir(write_authority(tmp_path).parent)
    text, value = TEXTS[name]

    loaded = load({"ADMINS": MAIL["ADMINS"], name: text})

    assert loaded[KEYS.get(name, name)] == value
    assert value != DEFAULTS[name][0]


@behaviour("config.admins")
def test_admins() -> None:
    """ADMINS names one or more addresses."""
    values = load(MAIL | {"ADMINS": "a@example.com, b@example.com"})

    assert values["ADMINS"] == ["a@example.com", "b@example.com"]


@each_setting
def test_defaults(name: str) -> None:
    """With an empty environment each setting has its documented default."""
    loaded = load({})

    assert loaded[KEYS.get(name, name)] == DEFAULTS[name][0]


def test_readme() -> None:
    """The README's table has every setting and its default."""
    table = re.findall(
        r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| (.+?) \|",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    listed = {one: words for names, words in table for one in names[1:-1].split("`, `")}
    assert listed == {one: words for one, (_, words) in DEFAULTS.items()}
    assert {*listed} == {setting.name for setting in SETTINGS}


@given(st.sampled_from(SETTINGS))
def test_empty_is_unset(setting: Setting) -> None:
    """An empty variable means the default."""
    assert load({setting.name: ""}) == load({})


@behaviour("config.bad-value")
def test_bad_value_is_named() -> None:
    """A bad value stops the start with one line that has variable and value.

    With status 4 gunicorn stops, too; with any other it starts workers indefinitely.
    """
    with pytest.raises(ConfigError) as stop:
        load({"MAIL_PORT": "smtp"})

    assert stop.value.code == 4
    assert str(stop.value) == (
        "MAIL_PORT: 'smtp' cannot be used: use a number from 1 to 65535"
    )


@behaviour("config.bad-value")
@pytest.mark.parametrize("name", ["SECRET_KEY", "MAIL_PASSWORD", "MAIL_USERNAME"])
def test_bytes_that_are_not_utf8(name: str) -> None:
    """A value that is not valid UTF-8 stops the start."""
    with pytest.raises(ConfigError, match=f"^{name}: .* cannot be used: use text"):
        load({name: b"\xff\xfe".decode("utf-8", "surrogateescape")})


@behaviour("config.bad-value")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nosuch://susan:s3cret@host/db"),
        ("SECRET_KEY", "s3cret"),
        ("MAIL_PASSWORD", "s3cret\udcff"),
    ],
)
def test_secret_value_is_not_shown(name: str, value: str) -> None:
    """The error about a bad secret does not show its value."""
    with pytest.raises(ConfigError) as stop:
        load({name: value})

    shown = str(stop.value)
    assert shown.startswith(f"{name}: its value cannot be used: use ")
    assert "s3cret" not in shown


IN_CLEAR = "MAIL_USERNAME and MAIL_PASSWORD would be sent in clear"


@behaviour("config.bad-value")
@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "MAIL_USE_TLS and MAIL_USE_SSL"),
        ({"MAIL_SERVER": "localhost"}, "ADMINS is empty while MAIL_SERVER is set"),
        ({**MAIL, "MAIL_USERNAME": "susan"}, IN_CLEAR),
        ({**MAIL, "MAIL_PASSWORD": "s3cret"}, IN_CLEAR),
    ],
    ids=["two-kinds-of-tls", "nobody-to-mail", "name-in-clear", "password-in-clear"],
)
def test_settings_that_contradict(environ: dict[str, str], line: str) -> None:
    """Contradicting settings stop the start with one line."""
    with pytest.raises(ConfigError, match=f"^{line}[^\n]*$"):
        load(environ)


@behaviour("mail.credentials")
@pytest.mark.parametrize(
    "environ",
    [
        *({**MAIL, name: "1"} for name in ("MAIL_USE_TLS", "MAIL_USE_SSL")),
        *({**MAIL, "MAIL_AUTH_WITHOUT_TLS": "1"}, {"MAIL_SERVER": ""}),
    ],
    ids=["starttls", "implicit", "as-asked", "no-server"],
)
def test_credentials_that_can_be_used(environ: dict[str, str]) -> None:
    """Credentials are accepted with TLS, if allowed in clear, and without mail."""
    loaded = load({**environ, "MAIL_USERNAME": "susan"})

    assert loaded["MAIL_USERNAME"] == "susan"


@given(
    st.dictionaries(
        st.sampled_from([setting.name for setting in SETTINGS]),
        # A byte that is not valid UTF-8 is read as a surrogate.
        st.text(st.characters(exclude_characters="\0"), max_size=40),
    )
)
def test_any_environment(environ: dict[str, str]) -> None:
    """Any environment gives a configuration, or one line that names a variable."""
    stop = None
    values = {KEYS.get(one.name, one.name): None for one in SETTINGS}
    try:
        loaded = load(environ)
    except ConfigError as error:
        loaded, stop = values, str(error)

    assert values.keys() <= loaded.keys()
    assert stop is None or stop.splitlines() == [stop]
    assert stop is None or any(name in stop for name in environ)


@behaviour("security.csrf")
def test_form_that_was_open_for_a_day(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form can be submitted as long as its session lasts."""
    with app.test_request_context():
        with monkeypatch.context() as patch:
            yesterday = int(time.time()) - 86_400
            patch.setattr(TimestampSigner, "get_timestamp", lambda _: yesterday)
            token = generate_csrf()

        validate_csrf(token)
        with pytest.raises(ValidationError):
            validate_csrf(token[::-1])


@behaviour("security.cookies")
def test_cookies_of_other_sites_requests(own_app: Flask) -> None:
    """Other sites' forms are sent neither the session nor the remember-me cookie."""
    with own_app.test_request_context():
        user = User(username="susan", email="susan@example.com")
        user.set_password("correct horse battery")
        db.session.add(user)
        db.session.commit()
    form = {"username": "susan", "password": "correct horse battery"}

    response = own_app.test_client().post("/login", data={**form, "remember_me": "y"})

    cookies = response.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [
        *("remember_token", "session")
    ]
    assert all("; SameSite=Lax" in cookie for cookie in cookies)


@behaviour("security.body-limit")
@pytest.mark.parametrize(("size", "status"), [(65_536, 200), (65_537, 413)])
def test_largest_body(app: Flask, size: int, status: int) -> None:
    """A body of 64 KiB is read, and a larger one refused."""
    body = b"about_me=".ljust(size, b"x")

    response = app.test_client().post(
        "/login", data=body, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == status


@behaviour("mail.no-secrets")
@pytest.mark.usefixtures("request_context")
def test_statement_errors() -> None:
    """The error of a statement does not show its parameters."""
    with pytest.raises(OperationalError, match="no such table") as failed:
        db.session.execute(text("SELECT :value FROM nowhere"), {"value": "s3cret"})

    assert "s3cret" not in str(failed.value)


@behaviour("data.postgres-restart")
@pytest.mark.usefixtures("request_context")
def test_lost_connection() -> None:
    """A pooled connection that has been lost is replaced before it is used."""
    with db.engine.connect() as connection:
        lost: Any = connection.connection.driver_connection
    lost.close()

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
