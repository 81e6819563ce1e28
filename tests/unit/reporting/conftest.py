"""What the tests of reporting share: settings, records, and a mail server."""

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.reporting.mail import MailHandler
from app.reporting.message import compose
from app.reporting.outbox import Parcel
from app.reporting.rotation import SharedRotatingFileHandler
from app.reporting.route import Route
from tests.harness.logs.files import LogFiles
from tests.harness.mail.mailbox import Mailbox

Record = Callable[..., logging.LogRecord]
Write = Callable[[str], None]

ADMINS = ("admin@example.com", "second@example.com")

LIMIT = 100
"""A file of the handler under test has less than so many bytes."""


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self.now += seconds


class Collector(logging.Handler):
    """Keeps the records that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)
        self.messages.append(record.getMessage())


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    """The settings that reporting reads: all at their defaults, with a mail server."""
    return {
        "SECRET_KEY": "the key that signs",
        "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://me:db-passw0rd@db/microblog",
        "LOG_DIR": tmp_path / "logs",
        "ADMINS": list(ADMINS),
        "MAIL_SERVER": "localhost",
        "MAIL_PORT": 25,
        "MAIL_USE_TLS": False,
        "MAIL_USE_SSL": False,
        "MAIL_USERNAME": None,
        "MAIL_PASSWORD": None,
        "MAIL_CA_FILE": None,
        "MAIL_AUTH_WITHOUT_TLS": False,
        "MAIL_TIMEOUT": 5.0,
        "MAIL_INTERVAL": 60.0,
    }


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes every mail."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def record() -> Record:
    """Make a log record; its exception, if any, is really raised."""

    def make(
        message: str = "It happened",
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
def closing() -> Iterator[Callable[[Any], Any]]:
    """Take handlers to close when the test is over."""
    handlers: list[SharedRotatingFileHandler | MailHandler] = []

    def keep(handler: Any) -> Any:
        handlers.append(handler)
        return handler

    yield keep
    for handler in handlers:
        handler.close()


@pytest.fixture
def logged() -> Iterator[list[logging.LogRecord]]:
    """What reporting itself logs, such as a mail that was not delivered."""
    handler = Collector()
    logger = logging.getLogger("app.reporting")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    yield handler.records
    logger.removeHandler(handler)
    logger.propagate = propagate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log is, in a folder that is not there yet."""
    return tmp_path / "logs" / "microblog.log"


@pytest.fixture
def files(path: Path) -> LogFiles:
    """The log's files."""
    return LogFiles(path.parent)


@pytest.fixture
def handler(path: Path, closing: Callable[[Any], Any]) -> SharedRotatingFileHandler:
    """A handler of files of less than a hundred bytes, with ten backups."""
    handler = closing(SharedRotatingFileHandler(path, LIMIT, 10))
    assert isinstance(handler, SharedRotatingFileHandler)
    return handler


@pytest.fixture
def write(handler: SharedRotatingFileHandler, record: Record) -> Write:
    """Log a message; nothing else is in its line."""

    def write(message: str) -> None:
        handler.handle(record(message))

    return write


@pytest.fixture
def message() -> EmailMessage:
    """A report of an error."""
    return compose(Parcel("a report\n"), "localhost", ADMINS)


def route_to(mailbox: Mailbox, **options: Any) -> Route:
    """Return the way to a mailbox."""
    return replace(Route(mailbox.host, mailbox.port, timeout=5.0), **options)
