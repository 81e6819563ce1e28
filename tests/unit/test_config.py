"""Settings: their sources, their defaults, and the errors for bad values."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import SETTINGS, ConfigError, Setting, load
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

each_setting = pytest.mark.parametrize(
    "setting", SETTINGS, ids=lambda setting: setting.name
)


def key(setting: Setting) -> str:
    """Return the key of a setting in app.config."""
    is_database = setting.name == "DATABASE_URL"
    return "SQLALCHEMY_DATABASE_URI" if is_database else setting.name


@behaviour("config.from-environment")
@each_setting
def test_settings_come_from_the_environment(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each setting is read from the variable of its name."""
    monkeypatch.chdir(write_authority(tmp_path).parent)
    text, value = TEXTS[setting.name]

    loaded = load({"ADMINS": MAIL["ADMINS"], setting.name: text})

    assert loaded[key(setting)] == value
    assert value != DEFAULTS[setting.name][0]


@behaviour("config.admins")
def test_admins() -> None:
    """ADMINS names one or more addresses."""
    values = load(MAIL | {"ADMINS": "a@example.com, b@example.com"})

    assert values["ADMINS"] == ["a@example.com", "b@example.com"]


@each_setting
def test_defaults(setting: Setting) -> None:
    """With an empty environment each setting has its documented default."""
    loaded = load({})

    assert loaded[key(setting)] == DEFAULTS[setting.name][0]


def test_readme() -> None:
    """The README's table has every setting and its default."""
    table = re.findall(
        r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| (.+?) \|",
        README.read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    listed = {one: words for names, words in table for one in names[1:-1].split("`, `")}
    assert listed == {one: words for one, (_, words) in DEFAULTS.items()}


@given(st.sampled_from(SETTINGS))
def test_empty_is_unset(setting: Setting) -> None:
    """An empty variable means the default."""
    assert load({setting.name: ""}) == load({})


@behaviour("config.bad-value")
def test_bad_value_is_named() -> None:
    """A bad value stops the start with one line that has variable and value."""
    with pytest.raises(ConfigError) as stop:
        load({"MAIL_PORT": "smtp"})

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
def test_secret_value_is_not_shown() -> None:
    """The error about a bad secret does not show its value."""
    with pytest.raises(ConfigError) as stop:
        load({"DATABASE_URL": "nosuch://susan:s3cret@host/db"})

    assert str(stop.value) == (
        "DATABASE_URL: its value cannot be used: use sqlite:///FILE or postgresql://..."
    )


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
    values = {key(setting): None for setting in SETTINGS}
    try:
        loaded = load(environ)
    except ConfigError as error:
        loaded, stop = values, str(error)

    assert values.keys() <= loaded.keys()
    assert stop is None or stop.splitlines() == [stop]
    assert stop is None or any(name in stop for name in environ)
