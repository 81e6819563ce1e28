"""The log file handlers that are compared."""

import logging
import os
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from concurrent_log_handler import ConcurrentRotatingFileHandler

from app.reporting import DEFAULTS, SharedRotatingFileHandler
from app.reporting.formatters import LINE, LineFormatter
from app.reporting.redaction import config_secrets
from app.reporting.request_context import RequestContextFilter

Build = Callable[[Path], logging.Handler]

STANDARD, OURS = "standard handler", "this application"


class ExactHandler(ConcurrentRotatingFileHandler):
    """concurrent-log-handler, which by itself ignores the size of the next record."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """Return whether the record would bring the file to the limit."""
        try:
            size = os.path.getsize(self.baseFilename)
        except FileNotFoundError:
            return False
        line = f"{self.format(record)}\n".encode()
        return size > 0 and size + len(line) >= self.maxBytes


def as_in_the_chapter(kind: Callable[..., logging.Handler]) -> Build:
    """Return a function that makes a handler with the chapter's limits and format."""

    def build(folder: Path) -> logging.Handler:
        handler = kind(
            folder / DEFAULTS["LOG_FILE"],
            maxBytes=DEFAULTS["LOG_MAX_BYTES"],
            backupCount=DEFAULTS["LOG_BACKUPS"],
        )
        handler.setFormatter(logging.Formatter(LINE))
        return handler

    return build


def ours(folder: Path) -> logging.Handler:
    """Return this application's handler with its formatter and filter."""
    handler = as_in_the_chapter(SharedRotatingFileHandler)(folder)
    secrets = config_secrets({"SECRET_KEY": "a secret"})
    handler.setFormatter(LineFormatter(secrets=secrets))
    handler.addFilter(RequestContextFilter())
    return handler


SUBJECTS: dict[str, Build] = {
    STANDARD: as_in_the_chapter(RotatingFileHandler),
    OURS: ours,
    "concurrent-log-handler": as_in_the_chapter(ConcurrentRotatingFileHandler),
    "the same, made exact": as_in_the_chapter(ExactHandler),
}
