"""What SQLite needs to serve several workers from one file."""

import os
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection, OperationalError
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from .config import ConfigError

PATIENCE = "PRAGMA busy_timeout = 5000"
"""How long another worker's write is waited for, in milliseconds, before it fails."""

MAGIC = b"SQLite format 3\0"
"""How a file begins, if it is not new. https://www.sqlite.org/fileformat2.html"""


def prepare_connections(engine: Engine) -> None:
    """Set up each new connection of an engine, if it is one of SQLite's.

    Raises `ConfigError` where its file can be nowhere.
    """
    if engine.dialect.name == "sqlite":
        demand_place(engine.url)
        event.listen(engine, "connect", prepare)
        event.listen(engine, "checkout", check)


def demand_place(url: URL) -> None:
    """Refuse the path of a file that can be nowhere, or that is of another kind."""
    file = Path(url.database or "in memory")
    if "uri" in url.query:
        return
    try:
        demand_kind(file)
    except OSError as error:
        raise ConfigError(f"DATABASE_URL: {file}: {error.strerror}") from None


def demand_kind(file: Path) -> None:
    """Refuse a file that cannot be one of SQLite's; OSError if it cannot be read."""
    if file.is_dir() or not file.parent.is_dir():
        raise ConfigError(
            f"DATABASE_URL: {file} cannot be used: use a file in a folder that exists"
        )
    if file.is_file():
        with file.open("rb") as opened:
            start = opened.read(len(MAGIC))
        if start not in (b"", MAGIC):
            raise ConfigError(f"DATABASE_URL: {file} is no SQLite database")


def prepare(connection: Connection, entry: ConnectionPoolEntry) -> None:
    """Tell a new connection how to share the file with others.

    No BEGIN IMMEDIATE is needed: sqlite3 begins a transaction at its first write, never
    at a read, and that write waits for others as `check` says. A transaction that began
    with a read would fail at once where another has written since, without any wait:
    so leave the driver's `isolation_level` and `autocommit` as they are, or see to it.
    https://docs.python.org/3/library/sqlite3.html#transaction-control
    https://www.sqlite.org/isolation.html
    """
    # Let readers go on beside a writer. A file that is in use, as of another program,
    # is not switched, and waiting may not help: a later connection will do it.
    # https://www.sqlite.org/wal.html
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(PATIENCE)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    [[_, _, path]] = connection.execute("PRAGMA database_list")
    entry.info["file"] = path, identity(path)


def check(connection: Connection, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    """Refuse a connection to a file that was moved: the pool makes another.

    Else old connections go on with the old file, beside new ones, until the next start.
    To others its patience is given back, which a request may have taken from it.
    """
    path, opened = entry.info["file"]
    if identity(path) != opened:
        raise DisconnectionError(f"{path} is another file now")
    connection.execute(PATIENCE)


def identity(path: str) -> tuple[int, int] | None:
    """Which file lies at a path; None if there is none, as for one in memory."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
