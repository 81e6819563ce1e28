"""Error reports of a Flask application: a log file, and mail to its administrators.

    app.config.update(MAIL_SERVER="localhost", ADMINS=["you@example.com"])
    reporting.install(app)

No failure of the disk, the mail server or the database stops a request or makes it
wait. The package needs Flask and nothing else: copy the folder. DEFAULTS has its
settings.
"""

import io
import logging
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from flask.logging import default_handler, has_level_handler, wsgi_errors_stream

from .capture import OtherLoggers, install_capture
from .diagnostics import announce, errors_test
from .formatters import LineFormatter, ReportFormatter
from .mail_handler import MailHandler
from .redaction import config_secrets
from .request_context import RequestContextFilter, reference
from .rotating_file import SharedRotatingFileHandler
from .smtp import DeliveryError

__all__ = [
    "DeliveryError",
    "MailHandler",
    "SharedRotatingFileHandler",
    "install",
    "reference",
]

# Keys of app.config.
DEFAULTS: dict[str, Any] = {
    # The folder of the log file; by default logs/ next to the application.
    "LOG_DIR": None,
    "LOG_FILE": "microblog.log",
    "LOG_LEVEL": "INFO",
    # A record that would bring the file to so many bytes goes to a new one.
    "LOG_MAX_BYTES": 10_240,
    "LOG_BACKUPS": 10,
    # Write to standard output instead, as containers expect.
    "LOG_TO_STDOUT": False,
    "STARTUP_MESSAGE": "Microblog startup",
    # The administrators' addresses, and the server that mails to them. Without both,
    # errors are not mailed.
    "ADMINS": (),
    "MAIL_SERVER": None,
    # 25, or 465 with MAIL_USE_SSL.
    "MAIL_PORT": None,
    # Encrypt after STARTTLS, or from the first byte on. The certificate is verified,
    # with the authorities of the system or those of a file (PEM).
    "MAIL_USE_TLS": False,
    "MAIL_USE_SSL": False,
    "MAIL_CA_FILE": None,
    # The credentials; without TLS they are sent only if that is allowed.
    "MAIL_USERNAME": None,
    "MAIL_PASSWORD": None,
    "MAIL_AUTH_WITHOUT_TLS": False,
    # By default no-reply@MAIL_SERVER.
    "MAIL_DEFAULT_SENDER": None,
    "MAIL_SUBJECT": "Microblog Failure",
    # Seconds for one delivery, and between two mails of identical errors; 0 mails all.
    "MAIL_TIMEOUT": 10.0,
    "MAIL_INTERVAL": 60.0,
}

CONSOLE = "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"


def install(app: Flask) -> None:
    """Report the errors of `app`; in debug mode, on the console only.

    Debug mode is looked up for each record: `app.run(debug=True)` turns it on later.

    It adds handlers to the application's logger and to the root logger, wraps
    ``app.wsgi_app``, replaces the hooks for exceptions of the main program and of
    threads, and adds ``flask errors-test``. With ``LOG_TO_STDOUT``, standard output is
    written in UTF-8. Under ``flask run``, SIGTERM and SIGHUP end the process as Ctrl-C
    does.
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


def set_defaults(app: Flask) -> None:
    """Give each missing setting its default, and bring the others into one form."""
    config = app.config
    for key, default in DEFAULTS.items():
        if config.get(key) is None:
            config[key] = default
    config["LOG_DIR"] = Path(config["LOG_DIR"] or default_log_dir(app)).absolute()
    config["MAIL_PORT"] = int(
        config["MAIL_PORT"] or (465 if config["MAIL_USE_SSL"] else 25)
    )
    if isinstance(config["ADMINS"], str):
        config["ADMINS"] = config["ADMINS"].replace(",", " ").split()


def default_log_dir(app: Flask) -> Path:
    """Return logs/ next to the application's package, or next to its module."""
    root = Path(app.root_path)
    is_package = hasattr(sys.modules.get(app.import_name), "__path__")
    return (root.parent if is_package else root) / "logs"


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
