"""The log file: where it is, what it takes, how a line looks, how much is kept."""

import logging
from collections.abc import Mapping
from typing import Any

from .lines import LineFormatter
from .occasion import note_occasion
from .redaction import own_secrets
from .rotation import SharedRotatingFileHandler

NAME = "microblog.log"
FORMAT = "%(asctime)s %(levelname)s: %(message)s [in %(pathname)s:%(lineno)d]"
MAX_BYTES = 10_240
BACKUPS = 10


def file_handler(config: Mapping[str, Any]) -> SharedRotatingFileHandler:
    """Build the handler for microblog.log in LOG_DIR.

    File and directory are made when the first record is written, not before.
    """
    handler = SharedRotatingFileHandler(config["LOG_DIR"] / NAME, MAX_BYTES, BACKUPS)
    handler.setLevel(logging.INFO)
    handler.addFilter(note_occasion)
    handler.setFormatter(LineFormatter(FORMAT, own_secrets(config)))
    return handler
