"""Every setting: the environment variable, what it means, its default, its check.

A variable that is unset or empty takes its default. The chapter's five MAIL_
settings keep their names and meanings.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import checks


class ConfigError(SystemExit):
    """A setting that cannot work: one line that says what to do.

    It is a SystemExit so that `flask`, gunicorn and a plain script all end without a
    stack trace, with the status by which gunicorn knows that another try is no use:
    https://github.com/benoitc/gunicorn/blob/master/gunicorn/arbiter.py
    """

    APP_LOAD_ERROR = 4

    def __init__(self, line: str) -> None:
        super().__init__(self.APP_LOAD_ERROR)
        self.line = line

    def __str__(self) -> str:
        return self.line


@dataclass(frozen=True)
class Setting:
    """One environment variable.

    ``parse`` turns its text into the value, or raises ValueError with what to do
    instead. A ``secret`` is never shown in an error. ``key`` is the name in
    app.config where that is another one.
    """

    name: str
    parse: Callable[[str], Any]
    default: Any
    meaning: str
    secret: bool = False
    key: str = ""


SETTINGS = (
    Setting("SECRET_KEY", str, None, "signs sessions; made and kept if unset", True),
    Setting(
        "DATABASE_URL",
        checks.database,
        "sqlite:///app.db",
        "where users and posts are stored",
        secret=True,
        key="SQLALCHEMY_DATABASE_URI",
    ),
    Setting("LOG_DIR", Path, None, "where microblog.log goes: logs/ beside app/"),
    Setting(
        "ADMINS", checks.addresses, [], "who gets the error mails, comma-separated"
    ),
    Setting(
        "MAIL_SERVER", checks.host, None, "sends error mails; without it there are none"
    ),
    Setting("MAIL_PORT", checks.port, None, "its port: 25, or 465 with MAIL_USE_SSL"),
    Setting("MAIL_USE_TLS", checks.boolean, False, "speak TLS from STARTTLS on"),
    Setting("MAIL_USE_SSL", checks.boolean, False, "speak TLS from the first byte on"),
    Setting("MAIL_USERNAME", str, None, "the name to sign in to it with"),
    Setting("MAIL_PASSWORD", str, None, "and the password", secret=True),
    Setting(
        "MAIL_CA_FILE", checks.authority, None, "a private authority to trust, PEM"
    ),
    Setting("MAIL_AUTH_WITHOUT_TLS", checks.boolean, False, "sign in even in clear"),
    Setting(
        "MAIL_TIMEOUT", checks.duration, 10.0, "seconds for one delivery, all told"
    ),
    Setting(
        "MAIL_INTERVAL", checks.seconds, 60.0, "seconds between two mails of one error"
    ),
)


def load(root: str, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The values of app.config.

    ``root`` is the folder of the package: relative defaults lie beside it.
    """
    values = {
        setting.key or setting.name: _value(setting, environ) for setting in SETTINGS
    }
    if values["MAIL_USE_TLS"] and values["MAIL_USE_SSL"]:
        raise ConfigError("MAIL_USE_TLS and MAIL_USE_SSL are both on: keep one of them")
    if values["MAIL_SERVER"] and not values["ADMINS"]:
        raise ConfigError(
            "ADMINS is empty while MAIL_SERVER is set: name who gets mail"
        )
    values["MAIL_PORT"] = values["MAIL_PORT"] or (465 if values["MAIL_USE_SSL"] else 25)
    values["LOG_DIR"] = values["LOG_DIR"] or Path(root).parent / "logs"
    return values | FIXED


def _value(setting: Setting, environ: Mapping[str, str]) -> Any:
    text = environ.get(setting.name, "")
    if not text:
        return setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "its value" if setting.secret else repr(text)
        raise ConfigError(f"{setting.name}: {shown} cannot be used: {error}") from None


FIXED = {
    # Statements in errors go without their values: those hold hashes and addresses.
    "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": True},
    # The longest legal form is under 8 KiB; whoever sends more gets a 413.
    "MAX_CONTENT_LENGTH": 64 * 1024,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}
