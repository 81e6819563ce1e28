"""The handlers of one log file that are compared."""

import logging
import os
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from concurrent_log_handler import ConcurrentRotatingFileHandler

from app.config import load
from app.reporting import file_handler
from app.reporting.logfile import BACKUPS, FORMAT, MAX_BYTES, NAME

Build = Callable[[Path], logging.Handler]

STANDARD, OURS = "standard handler", "this application"


class ExactHandler(ConcurrentRotatingFileHandler):
    """concurrent-log-handler, which as it comes does not look at the next record."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """Tell whether the record would bring the file to the limit."""
        try:
            size = os.path.getsize(self.baseFilename)
        except FileNotFoundError:
            return False
        line = f"{self.format(record)}\n".encode()
        return size > 0 and size + len(line) >= self.maxBytes


def as_in_the_chapter(kind: Callable[..., logging.Handler]) -> Build:
    """What builds a handler of that kind with the chapter's limits and format."""

    def build(folder: Path) -> logging.Handler:
        handler = kind(folder / NAME, maxBytes=MAX_BYTES, backupCount=BACKUPS)
        handler.setFormatter(logging.Formatter(FORMAT))
        return handler

    return build


def ours(folder: Path) -> logging.Handler:
    """The handler of this application."""
    database = {"DATABASE_URL": "sqlite://", "LOG_DIR": str(folder)}
    return file_handler(load(__file__, database) | {"SECRET_KEY": "a secret"})


SUBJECTS: dict[str, Build] = {
    STANDARD: as_in_the_chapter(RotatingFileHandler),
    OURS: ours,
    "concurrent-log-handler": as_in_the_chapter(ConcurrentRotatingFileHandler),
    "the same, made exact": as_in_the_chapter(ExactHandler),
}
