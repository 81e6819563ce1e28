"""Error reports of a Flask application: a log file, and mail to its administrators.

    app.config.update(MAIL_SERVER="localhost", ADMINS=["you@example.com"])
    reporting.install(app)

No failure of the disk, the mail server or the database stops a request or makes it
wait. The package needs Flask and nothing else: copy the folder. Its settings are in
settings.py, each with a default.
"""

import io
import logging
import sys

from flask import Flask
from flask.logging import default_handler, has_level_handler, wsgi_errors_stream

from .capture import OtherLoggers, install_capture
from .command import errors_test
from .formatters import LineFormatter, ReportFormatter
from .mail_handler import MailHandler
from .redaction import config_secrets
from .request_context import RequestContextFilter, reference
from .rotating_file import SharedRotatingFileHandler
from .settings import set_defaults
from .smtp import DeliveryError
from .startup import announce

__all__ = [
    "DeliveryError",
    "MailHandler",
    "SharedRotatingFileHandler",
    "install",
    "reference",
]

CONSOLE = "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"


def install(app: Flask) -> None:
    """Report the errors of `app`; in debug mode, on the console only.

    Debug mode is looked up for each record: `app.run(debug=True)` turns it on later.
    """
    set_defaults(app)
    _uninstall(app)
    config = app.config
    app.logger.setLevel(logging.DEBUG if app.debug else config["LOG_LEVEL"])
    secrets = config_secrets(config)

    log_handler = _log_handler(app)
    log_handler.setFormatter(LineFormatter(secrets=secrets))
    handlers = [log_handler]
    if config["MAIL_SERVER"] and config["ADMINS"]:
        mail_handler = MailHandler(config, app.root_path)
        mail_handler.setFormatter(ReportFormatter(secrets))
        handlers.append(mail_handler)
    console = logging.StreamHandler(wsgi_errors_stream)  # type: ignore[call-overload]
    console.setFormatter(LineFormatter(CONSOLE, secrets))

    for handler in (console, *handlers):
        handler.addFilter(RequestContextFilter())
    # Standard output is a console itself.
    console.addFilter(lambda record: app.debug or not config["LOG_TO_STDOUT"])
    app.logger.removeHandler(default_handler)
    if not has_level_handler(app.logger):
        app.logger.addHandler(console)
    for handler in handlers:
        handler.addFilter(lambda record: not app.debug)
        app.logger.addHandler(handler)

    install_capture(app, handlers, console)
    app.cli.add_command(errors_test)
    announce(app)


def _log_handler(app: Flask) -> logging.Handler:
    config = app.config
    handler: logging.Handler
    if config["LOG_TO_STDOUT"]:
        if isinstance(sys.stdout, io.TextIOWrapper):  # in any locale
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        handler = logging.StreamHandler(sys.stdout)
    else:
        handler = SharedRotatingFileHandler(
            config["LOG_DIR"] / config["LOG_FILE"],
            config["LOG_MAX_BYTES"],
            config["LOG_BACKUPS"],
        )
    handler.setLevel(config["LOG_LEVEL"])
    return handler


def _uninstall(app: Flask) -> None:
    """Remove the handlers of an earlier application with the same logger."""
    for handler in app.logger.handlers[:]:
        if isinstance(handler.formatter, LineFormatter):
            app.logger.removeHandler(handler)
            handler.close()
    for handler in logging.root.handlers[:]:
        if isinstance(handler, OtherLoggers) and handler.logger is app.logger:
            logging.root.removeHandler(handler)
