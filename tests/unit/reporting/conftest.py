"""Shared fixtures: settings, records, a clock, a mail server and an application."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from app import reporting
from app.reporting import DEFAULTS
from app.reporting.capture import OtherLoggers
from tests.harness.mail.mailbox import Mailbox

MakeRecord = Callable[..., logging.LogRecord]

ADMINS = ("admin@example.com", "second@example.com")


class Clock:
    """A stand-in for the time module; its clocks move only in `sleep` and `advance`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """Return the time of day."""
        return self.now

    monotonic = time

    def advance(self, seconds: float) -> None:
        """Move the clocks."""
        self.now += seconds

    sleep = advance


class Collector(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    @property
    def messages(self) -> list[str]:
        """The messages of the records."""
        return [record.getMessage() for record in self.records]

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)


@pytest.fixture
def patch_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[ModuleType], Clock]:
    """A function that replaces the time module of a module with a clock."""

    def patch(module: ModuleType) -> Clock:
        clock = Clock()
        monkeypatch.setattr(module, "time", clock)
        return clock

    return patch


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    """The default settings with secrets and a mail server."""
    return DEFAULTS | {
        "SECRET_KEY": "the key that signs",
        "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://me:db-passw0rd@db/microblog",
        "LOG_DIR": tmp_path / "logs",
        "ADMINS": list(ADMINS),
        "MAIL_SERVER": "localhost",
        "MAIL_PORT": 25,
        "MAIL_TIMEOUT": 5.0,
    }


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that accepts every mail."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def make_record() -> MakeRecord:
    """A function that makes log records; an exception in one is really raised."""

    def make(
        message: object = "It happened",
        *arguments: object,
        level: int = logging.ERROR,
        error: BaseException | None = None,
        line: int = 7,
    ) -> logging.LogRecord:
        exc_info = None
        if error is not None:
            try:
                raise error
            except BaseException:
                exc_info = sys.exc_info()
        return logging.LogRecord(
            "app", level, "/srv/app/posts.py", line, message, arguments, exc_info
        )

    return make


@pytest.fixture
def warnings() -> Iterator[Collector]:
    """The records of reporting's own logger, such as undelivered mails."""
    collector = Collector()
    logger = logging.getLogger("app.reporting")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    yield collector
    logger.removeHandler(collector)
    logger.propagate = propagate


@pytest.fixture
def make_app(
    config: dict[str, Any], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Flask]]:
    """A function that makes an application with reporting, undone after the test."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    others: list[logging.Handler] = []
    loggers = [logging.getLogger(name) for name in ("root", "a_site", "another_site")]
    for handler in logging.root.handlers[:]:
        if isinstance(handler, OtherLoggers):  # of the application that tests share
            logging.root.removeHandler(handler)
            others.append(handler)
    before = {logger: (logger.level, logger.handlers[:]) for logger in loggers}

    def make(name: str = "a_site", **settings: Any) -> Flask:
        app = Flask(name)
        app.config.update(config | {"MAIL_PORT": mailbox.port, "MAIL_INTERVAL": 0})
        app.config.update(settings)
        reporting.install(app)
        return app

    yield make
    for logger, (level, handlers) in before.items():
        logger.setLevel(level)
        for handler in logger.handlers[:]:
            if handler not in handlers:
                logger.removeHandler(handler)
                handler.close()
    logging.root.handlers += others


@contextmanager
def root_handlers(*handlers: logging.Handler) -> Iterator[None]:
    """Give the root logger these handlers only, in place of pytest's."""
    before = logging.root.handlers
    logging.root.handlers = [*handlers]
    try:
        yield
    finally:
        logging.root.handlers = before
