"""The handlers, routes, versions and settings of a running application."""

import inspect
import logging
import os
import platform
import re
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distributions, version

from harness_probe.echo import Echo
from harness_probe.handler_origins import ADDED_AT

#: The attributes of the standard library's handlers, by constructor argument.
ARGUMENTS = {
    "mailhost": "mailhost",
    "mailport": "mailport",
    "fromaddr": "fromaddr",
    "toaddrs": "toaddrs",
    "subject": "subject",
    "credentials": "username",
    "secure": "secure",
    "filename": "baseFilename",
    "mode": "mode",
    "maxBytes": "maxBytes",
    "backupCount": "backupCount",
    "encoding": "encoding",
}


def handlers(app):
    """Return the handlers that the application's records reach, in order."""
    return handlers_of(loggers(app))


def other_handlers(app):
    """Return the handlers of loggers that the application's records do not reach."""
    reached = loggers(app)
    named = logging.Logger.manager.loggerDict.values()
    return handlers_of(
        logger
        for logger in (logging.root, *named)
        if isinstance(logger, logging.Logger) and logger not in reached
    )


def loggers(app):
    """Return the loggers whose handlers get the application's records, in order."""
    found = [app.logger]
    while found[-1].propagate and found[-1].parent:
        found.append(found[-1].parent)
    return found


def handlers_of(loggers):
    """Return what can be said of the handlers of some loggers."""
    return [
        {
            "logger": logger.name,
            "class": type(handler).__name__,
            "bases": [base.__name__ for base in type(handler).__mro__],
            "level": logging.getLevelName(handler.level),
            "format": getattr(handler.formatter, "_fmt", None),
            "file": getattr(handler, "baseFilename", None),
            "arguments": arguments(handler),
            "threshold": logging.getLevelName(logger.getEffectiveLevel()),
            "added_at": getattr(handler, ADDED_AT, None),
        }
        for logger in loggers
        for handler in logger.handlers
        if not isinstance(handler, Echo)
    ]


def arguments(handler):
    """Return the constructor arguments of one of the standard library's handlers."""
    found = {
        name: getattr(handler, attribute)
        for name, attribute in ARGUMENTS.items()
        if hasattr(handler, attribute)
    }
    if found.get("credentials") is not None:  # which settings they are, not the values
        pair = (handler.username, handler.password)
        found["credentials"] = [setting_with(value) for value in pair]
    plain = (bool, int, float, str, list, tuple, type(None))
    return {
        name: value if isinstance(value, plain) else shown(value)
        for name, value in found.items()
    }


def shown(value):
    """Return the repr of a value; a text to translate needs a request for it."""
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}: {type(error).__name__}>"


def setting_with(value):
    """Return the name of the variable for credentials that has this value."""
    for name in ("MAIL_USERNAME", "MAIL_PASSWORD"):
        if value and os.environ.get(name) == value:
            return name
    return "another value"


def error_handlers(app):
    """Return status, exception, name, file and line of each error handler."""
    found = []
    for codes in app.error_handler_spec.values():
        for code, functions in codes.items():
            for exception, function in functions.items():
                made = inspect.unwrap(function)
                place = getattr(made, "__code__", None)
                found.append(
                    [
                        code,
                        exception.__name__,
                        getattr(made, "__name__", repr(made)),
                        os.path.abspath(place.co_filename) if place else "",
                        place.co_firstlineno if place else 0,
                    ]
                )
    return found


def imported():
    """Return the paths of the imported modules."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return sorted(os.path.abspath(file) for file in files if isinstance(file, str))


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


def packages():
    """Return the version of every installed distribution, by its normalized name."""
    return {
        re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.version
        for one in distributions()
    }


def settings(app):
    """Return the settings except secrets; values without a JSON form as their repr."""
    plain = (bool, int, float, str, type(None))
    return {
        name: value if isinstance(value, plain) else shown(value)
        for name, value in app.config.items()
        if "SECRET" not in name and "PASSWORD" not in name
    }
