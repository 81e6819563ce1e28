"""The settings: environment variable, parser and default of each.

A variable that is unset or empty takes its default. The chapter's five MAIL_ settings
keep their names and meanings.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import parsers


class ConfigError(SystemExit):
    """An invalid setting; the message is one line that says what to do.

    As a SystemExit it ends `flask`, gunicorn and scripts without a stack trace, with
    the status on which gunicorn stops instead of restarting the worker:
    https://github.com/benoitc/gunicorn/blob/master/gunicorn/arbiter.py
    """

    code = 4  # gunicorn's Arbiter.APP_LOAD_ERROR


class Setting(NamedTuple):
    """One environment variable.

    ``parse`` turns its text into the value, or raises ValueError with what to use
    instead. Errors do not show the value of a ``secret``.
    """

    name: str
    parse: Callable[[str], Any]
    default: Any
    secret: bool = False


SETTINGS = (
    # Signs sessions; created and kept if unset.
    Setting("SECRET_KEY", parsers.secret_key, None, secret=True),
    # Where users and posts are stored.
    Setting("DATABASE_URL", parsers.database_url, "sqlite:///app.db", secret=True),
    # Where microblog.log goes: logs/ next to app/ if unset; or standard output instead.
    Setting("LOG_DIR", Path, None),
    Setting("LOG_TO_STDOUT", parsers.boolean, False),
    # Who gets the error mails.
    Setting("ADMINS", parsers.addresses, []),
    # Whom they are from; no-reply@MAIL_SERVER if unset.
    Setting("MAIL_DEFAULT_SENDER", parsers.address, None),
    # The server that sends them; without one, none are sent. Its port is 25, or 465
    # with MAIL_USE_SSL: TLS from the first byte on, where MAIL_USE_TLS is STARTTLS.
    Setting("MAIL_SERVER", parsers.host, None),
    Setting("MAIL_PORT", parsers.port, None),
    Setting("MAIL_USE_TLS", parsers.boolean, False),
    Setting("MAIL_USE_SSL", parsers.boolean, False),
    # How to authenticate.
    Setting("MAIL_USERNAME", parsers.text, None),
    Setting("MAIL_PASSWORD", parsers.text, None, secret=True),
    Setting("MAIL_AUTH_WITHOUT_TLS", parsers.boolean, False),
    # A private certificate authority to trust, PEM.
    Setting("MAIL_CA_FILE", parsers.ca_file, None),
    # Seconds for one delivery, and between two mails of one error.
    Setting("MAIL_TIMEOUT", parsers.duration, 10.0),
    Setting("MAIL_INTERVAL", parsers.seconds, 60.0),
)

FIXED = {
    # Statements in errors come without their parameters: hashes and addresses.
    "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_pre_ping": True},
    # The longest form is under 8 KiB; a larger body gets a 413.
    "MAX_CONTENT_LENGTH": 64 * 1024,
    # A form is valid as long as its session: an hour of writing is not lost.
    "WTF_CSRF_TIME_LIMIT": None,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the values of app.config.

    Raises:
        ConfigError: A value cannot be parsed, or values contradict each other.
    """
    values = {setting.name: _value(setting, environ) for setting in SETTINGS} | FIXED
    values["SQLALCHEMY_DATABASE_URI"] = values.pop("DATABASE_URL")
    if values["MAIL_USE_TLS"] and values["MAIL_USE_SSL"]:
        raise ConfigError("MAIL_USE_TLS and MAIL_USE_SSL are both on: keep one of them")
    if values["MAIL_SERVER"] and not values["ADMINS"]:
        raise ConfigError(
            "ADMINS is empty while MAIL_SERVER is set: name who gets the error mails"
        )
    account = values["MAIL_USERNAME"] or values["MAIL_PASSWORD"]
    tls = values["MAIL_USE_TLS"] or values["MAIL_USE_SSL"]
    may_log_in = tls or values["MAIL_AUTH_WITHOUT_TLS"]
    if values["MAIL_SERVER"] and account and not may_log_in:
        raise ConfigError(
            "MAIL_USERNAME and MAIL_PASSWORD would be sent in clear: "
            "set MAIL_USE_TLS or MAIL_USE_SSL, or else MAIL_AUTH_WITHOUT_TLS"
        )
    return values


def _value(setting: Setting, environ: Mapping[str, str]) -> Any:
    text = environ.get(setting.name)
    if not text:
        return setting.default
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "its value" if setting.secret else repr(text)
        raise ConfigError(f"{setting.name}: {shown} cannot be used: {error}") from None
