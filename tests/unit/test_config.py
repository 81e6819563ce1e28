"""The settings: where they come from, their defaults, and how a bad one is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import SETTINGS, ConfigError, Setting, load
from tests.harness.behaviour import MUST, SHOULD, behaviour

MAIL = {"MAIL_SERVER": "mail.example.com", "ADMINS": "admin@example.com"}


@behaviour("config.from-environment", MUST, source="Sending Errors by Email")
@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("MAIL_SERVER", "mail.example.com", "MAIL_SERVER", "mail.example.com"),
        ("MAIL_PORT", "587", "MAIL_PORT", 587),
        ("MAIL_USE_TLS", "1", "MAIL_USE_TLS", True),
        ("MAIL_USERNAME", "susan", "MAIL_USERNAME", "susan"),
        ("MAIL_PASSWORD", "s3cret", "MAIL_PASSWORD", "s3cret"),
        ("SECRET_KEY", "k", "SECRET_KEY", "k"),
        ("DATABASE_URL", "sqlite:///x.db", "SQLALCHEMY_DATABASE_URI", "sqlite:///x.db"),
        ("LOG_DIR", "/var/log/microblog", "LOG_DIR", Path("/var/log/microblog")),
    ],
)
def test_settings_come_from_the_environment(
    name: str, text: str, key: str, value: object
) -> None:
    """Each setting is read from the variable of its name."""
    assert load("/site/app", MAIL | {name: text})[key] == value


@behaviour("config.admins", SHOULD)
def test_admins() -> None:
    """ADMINS names one or more addresses."""
    values = load("/site/app", MAIL | {"ADMINS": "a@example.com, b@example.com"})

    assert values["ADMINS"] == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("MAIL_SERVER", None), ("MAIL_USERNAME", None), ("MAIL_PASSWORD", None)),
        *(("MAIL_USE_TLS", False), ("MAIL_USE_SSL", False), ("ADMINS", [])),
        *(("SECRET_KEY", None), ("SQLALCHEMY_DATABASE_URI", "sqlite:///app.db")),
        *(("LOG_DIR", Path("/site/logs")), ("MAIL_INTERVAL", 60.0)),
    ],
)
def test_defaults(key: str, value: object) -> None:
    """With an empty environment each setting has its documented default."""
    assert load("/site/app", {})[key] == value


@behaviour("mail.default-port", MUST, source="Sending Errors by Email")
@pytest.mark.parametrize(
    ("environ", "port"),
    [({}, 25), ({"MAIL_USE_TLS": "1"}, 25), ({"MAIL_USE_SSL": "1"}, 465)],
    ids=["plain", "starttls", "implicit"],
)
def test_default_port(environ: dict[str, str], port: int) -> None:
    """The mail server's port is 25, and 465 for implicit TLS."""
    assert load("/site/app", environ)["MAIL_PORT"] == port


@given(st.sampled_from(SETTINGS))
def test_empty_is_unset(setting: Setting) -> None:
    """A variable that is set to nothing takes its default."""
    assert load("/site/app", {setting.name: ""}) == load("/site/app", {})


@behaviour("config.bad-value", SHOULD)
def test_bad_value_is_named() -> None:
    """A bad value stops the start with one line that names variable and value."""
    with pytest.raises(ConfigError) as stop:
        load("/site/app", {"MAIL_PORT": "smtp"})

    assert stop.value.line == (
        "MAIL_PORT: 'smtp' cannot be used: use a number from 1 to 65535"
    )


@behaviour("config.bad-value", SHOULD)
def test_secret_value_is_not_shown() -> None:
    """A secret's bad value is not shown."""
    with pytest.raises(ConfigError) as stop:
        load("/site/app", {"DATABASE_URL": "nosuch://susan:s3cret@host/db"})

    assert stop.value.line == (
        "DATABASE_URL: its value cannot be used: use sqlite:///FILE or postgresql://..."
    )


@behaviour("config.bad-value", SHOULD)
@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "MAIL_USE_TLS and MAIL_USE_SSL"),
        ({"MAIL_SERVER": "localhost"}, "ADMINS is empty while MAIL_SERVER is set"),
    ],
    ids=["two-kinds-of-tls", "nobody-to-mail"],
)
def test_settings_that_contradict(environ: dict[str, str], line: str) -> None:
    """Settings that contradict each other stop the start with one line."""
    with pytest.raises(ConfigError, match=f"^{line}[^\n]*$"):
        load("/site/app", environ)


@given(
    st.dictionaries(
        st.sampled_from([setting.name for setting in SETTINGS]),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40),
    )
)
def test_any_environment(environ: dict[str, str]) -> None:
    """Any environment gives a configuration or one line that names a variable."""
    stop = None
    values = {setting.key or setting.name: None for setting in SETTINGS}
    try:
        loaded = load("/site/app", environ)
    except ConfigError as error:
        loaded, stop = values, error.line

    assert values.keys() <= loaded.keys()
    assert stop is None or stop.splitlines() == [stop]
    assert stop is None or any(name in stop for name in environ)
