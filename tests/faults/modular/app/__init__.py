"""A stand-in for another implementation: one application object in a package."""

import logging
import os
from logging.handlers import RotatingFileHandler, SMTPHandler

from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.from_object("config")
db = SQLAlchemy(app)
login = LoginManager(app)
login.login_view = "sign_in"

mail_server = app.config["MAIL_SERVER"]
if mail_server and not app.debug:
    account = (app.config["MAIL_USERNAME"], app.config["MAIL_PASSWORD"])
    by_mail = SMTPHandler(
        mailhost=(mail_server, app.config["MAIL_PORT"]),
        fromaddr=f"blog@{mail_server}",
        toaddrs=app.config["ADMINS"],
        subject="The blog has failed",
        credentials=account if any(account) else None,
        secure=() if app.config["MAIL_USE_TLS"] else None,
    )
    by_mail.setLevel(logging.ERROR)
    app.logger.addHandler(by_mail)

if not app.debug:
    if not os.path.exists("logs"):
        os.mkdir("logs")
    to_file = RotatingFileHandler("logs/blog.log", maxBytes=10240, backupCount=10)
    to_file.setFormatter(
        logging.Formatter(
            "%(asctime)s %(levelname)s: %(message)s [in %(pathname)s:%(lineno)d]"
        )
    )
    to_file.setLevel(logging.INFO)
    app.logger.addHandler(to_file)
    app.logger.setLevel(logging.INFO)
    app.logger.info("The blog starts")

from app import errors, views  # noqa: E402

__all__ = ["app", "db", "errors", "views"]
