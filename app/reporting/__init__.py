"""Where errors go: to a log file, and by mail to the administrators.

Both survive the failure they report: a full disk, a dead mail server or a lost database
neither stops a request nor makes it wait.
"""

import logging

from flask import Flask
from flask.logging import default_handler

from .lines import LineFormatter
from .logfile import file_handler
from .mail import MailHandler, mail_handler, send_test
from .occasion import note_occasion, reference
from .redaction import own_secrets
from .rotation import SharedRotatingFileHandler
from .startup import announce
from .transport import DeliveryError

__all__ = [
    "DeliveryError",
    "file_handler",
    "install",
    "mail_handler",
    "reference",
    "send_test",
]

_CONSOLE_FORMAT = "[%(asctime)s] %(levelname)s in %(module)s: %(message)s"


def install(app: Flask) -> None:
    """Let `app` report what happens, from INFO upwards; in debug mode to stderr only.

    Whether it is in debug mode is asked for each record, because `app.run(debug=True)`
    says so only after the application is made.
    """
    _uninstall(app)
    app.logger.setLevel(logging.DEBUG if app.debug else logging.INFO)
    default_handler.addFilter(note_occasion)
    default_handler.setFormatter(
        LineFormatter(_CONSOLE_FORMAT, own_secrets(app.config))
    )
    handlers: list[logging.Handler] = [file_handler(app.config)]
    if app.config["MAIL_SERVER"] and app.config["ADMINS"]:
        handlers.append(mail_handler(app.config))
    for handler in handlers:
        handler.addFilter(lambda record: not app.debug)
        app.logger.addHandler(handler)
    announce(app)


def _uninstall(app: Flask) -> None:
    """Remove what an earlier application of the same name and process installed."""
    for handler in app.logger.handlers[:]:
        if isinstance(handler, SharedRotatingFileHandler | MailHandler):
            app.logger.removeHandler(handler)
            handler.close()
