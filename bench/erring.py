"""The application with a view that fails.

With BENCH_STANDARD=1 it reports by the standard library's handlers, set up as the
chapter does, in place of its own.
"""

import logging
import os
from logging.handlers import RotatingFileHandler, SMTPHandler

from flask import Flask

from app import create_app
from app.reporting.formatters import LINE


def standard_handlers(app: Flask) -> list[logging.Handler]:
    """Return the chapter's handlers for the log file and the mail."""
    config = app.config
    os.makedirs(config["LOG_DIR"], exist_ok=True)
    file = RotatingFileHandler(
        config["LOG_DIR"] / config["LOG_FILE"],
        maxBytes=config["LOG_MAX_BYTES"],
        backupCount=config["LOG_BACKUPS"],
    )
    file.setFormatter(logging.Formatter(LINE))
    server = (config["MAIL_SERVER"], config["MAIL_PORT"])
    mail = SMTPHandler(
        server, f"no-reply@{server[0]}", config["ADMINS"], config["MAIL_SUBJECT"]
    )
    mail.setLevel(logging.ERROR)
    return [file, mail]


app = create_app()

if os.environ.get("BENCH_STANDARD"):
    for handler in app.logger.handlers[:]:
        app.logger.removeHandler(handler)
        handler.close()
    for handler in standard_handlers(app):
        app.logger.addHandler(handler)


@app.get("/fail")
def fail() -> str:
    """Raise an exception."""
    raise RuntimeError("on demand")
