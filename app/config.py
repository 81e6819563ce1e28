"""Every setting: the environment variable, its check, its default.

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
    secret: bool = False
    key: str = ""


SETTINGS = (
    # Signs sessions; made and kept if unset.
    Setting("SECRET_KEY", checks.secret, None, secret=True),
    # Where users and posts are stored.
    Setting(
        "DATABASE_URL",
        checks.database,
        "sqlite:///app.db",
        secret=True,
        key="SQLALCHEMY_DATABASE_URI",
    ),
    # Where microblog.log goes: logs/ beside app/.
    Setting("LOG_DIR", Path, None),
    # Who gets the error mails, comma-separated.
    Setting("ADMINS", checks.addresses, []),
    # What sends them, without which there are none; its port: 25, or 465 for TLS from
    # the first byte on, which MAIL_USE_SSL asks for, as MAIL_USE_TLS does for STARTTLS.
    Setting("MAIL_SERVER", checks.host, None),
    Setting("MAIL_PORT", checks.port, None),
    Setting("MAIL_USE_TLS", checks.boolean, False),
    Setting("MAIL_USE_SSL", checks.boolean, False),
    # How to sign in to it.
    Setting("MAIL_USERNAME", checks.text, None),
    Setting("MAIL_PASSWORD", checks.text, None, secret=True),
    Setting("MAIL_AUTH_WITHOUT_TLS", checks.boolean, False),
    # A private authority to trust, PEM.
    Setting("MAIL_CA_FILE", checks.authority, None),
    # Seconds for one delivery, all told; and between two mails of one error.
    Setting("MAIL_TIMEOUT", checks.duration, 10.0),
    Setting("MAIL_INTERVAL", checks.seconds, 60.0),
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
    if values["MAIL_SERVER"] and _sent_in_clear(values):
        raise ConfigError(
            "MAIL_USERNAME and MAIL_PASSWORD would be sent in clear: "
            "set MAIL_USE_TLS or MAIL_USE_SSL, or else MAIL_AUTH_WITHOUT_TLS"
        )
    values["MAIL_PORT"] = values["MAIL_PORT"] or (465 if values["MAIL_USE_SSL"] else 25)
    values["LOG_DIR"] = values["LOG_DIR"] or Path(root).parent / "logs"
    return values | FIXED


def _sent_in_clear(values: Mapping[str, Any]) -> bool:
    account = values["MAIL_USERNAME"] or values["MAIL_PASSWORD"]
    tls = values["MAIL_USE_TLS"] or values["MAIL_USE_SSL"]
    return bool(account and not tls and not values["MAIL_AUTH_WITHOUT_TLS"])


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
    # A form lasts as long as its session: who writes for an hour loses nothing.
    "WTF_CSRF_TIME_LIMIT": None,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}
