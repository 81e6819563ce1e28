"""The settings of this package: keys of app.config, and their defaults."""

import sys
from pathlib import Path
from typing import Any

from flask import Flask

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
