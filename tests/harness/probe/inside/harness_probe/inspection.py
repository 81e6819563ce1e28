"""The handlers, routes, versions and settings of a running application."""

import logging
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version


def handlers(app):
    """Return the handlers that the application's records reach, in order."""
    found = []
    logger = app.logger
    while logger:
        for handler in logger.handlers:
            found.append(
                {
                    "logger": logger.name,
                    "class": type(handler).__name__,
                    "bases": [base.__name__ for base in type(handler).__mro__],
                    "level": logging.getLevelName(handler.level),
                    "format": getattr(handler.formatter, "_fmt", None),
                    "file": getattr(handler, "baseFilename", None),
                }
            )
        logger = logger.parent if logger.propagate else None
    return found


def routes(app):
    """Return rule, methods and endpoint of every route except the probe's own."""
    return [
        [rule.rule, sorted(rule.methods), rule.endpoint]
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith("/__probe__/")
    ]


def versions():
    """Return the versions of Python and of the installed libraries."""
    names = ("Flask", "Werkzeug", "Jinja2", "itsdangerous", "Click", "Flask-Login")
    names += ("Flask-WTF", "WTForms", "email-validator", "Flask-SQLAlchemy")
    names += ("SQLAlchemy", "Flask-Migrate", "Alembic", "gunicorn")
    found = {"Python": platform.python_version()}
    for name in names:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def settings(app):
    """Return the settings except secrets; values without a JSON form as their repr."""
    plain = (bool, int, float, str, type(None))
    return {
        name: value if isinstance(value, plain) else repr(value)
        for name, value in app.config.items()
        if "SECRET" not in name and "PASSWORD" not in name
    }
