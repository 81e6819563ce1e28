"""A stand-in for another implementation: a factory with prefixed blueprints."""

import logging
from logging.handlers import RotatingFileHandler, SMTPHandler
from pathlib import Path

from flask import Flask

from journal.store import db, login


def create_app(settings):
    """Make the application; the settings are those of a module."""
    app = Flask(__name__)
    app.config.from_object(settings)
    db.init_app(app)
    login.init_app(app)
    from journal.pages import accounts, errors, main

    app.register_blueprint(accounts, url_prefix="/auth")
    app.register_blueprint(main)
    app.register_blueprint(errors)
    if not app.debug:
        report(app)
    return app


def report(app):
    """Log to a file, and mail what fails."""
    config = app.config
    app.logger.setLevel(logging.INFO)
    if config["MAIL_SERVER"]:
        account = (config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        handler = SMTPHandler(
            (config["MAIL_SERVER"], config["MAIL_PORT"]),
            f"journal@{config['MAIL_SERVER']}",
            config["ADMINS"],
            "Journal",
            account if any(account) else None,
            () if config["MAIL_USE_TLS"] else None,
        )
        handler.setLevel(logging.ERROR)
        app.logger.addHandler(handler)
    folder = Path("var")
    folder.mkdir(exist_ok=True)
    handler = RotatingFileHandler(folder / "journal.log", "a", 10240, 10)
    handler.setFormatter(
        logging.Formatter(
            "%(levelname)s %(asctime)s %(message)s (%(pathname)s %(lineno)d)"
        )
    )
    app.logger.addHandler(handler)
    app.logger.info("Journal opened")
