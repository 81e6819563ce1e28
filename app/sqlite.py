"""What SQLite needs to serve several workers from one file."""

import os
from sqlite3 import Connection
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from .extensions import db


def prepare_connections(app: Flask) -> None:
    """Set up each new SQLite connection of the application's engine."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare)
        event.listen(engine, "checkout", check)


def prepare(connection: Connection, entry: ConnectionPoolEntry) -> None:
    """Tell a new connection how to share the file with others."""
    # Wait for another worker's write instead of failing, and let readers go on
    # beside it. https://www.sqlite.org/wal.html
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    [[_, _, path]] = connection.execute("PRAGMA database_list")
    entry.info["file"] = path, identity(path)


def check(_connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    """Refuse a connection to a file that was moved: the pool makes another.

    Else old connections go on with the old file, beside new ones, until the next start.
    """
    path, opened = entry.info["file"]
    if identity(path) != opened:
        raise DisconnectionError(f"{path} is another file now")


def identity(path: str) -> tuple[int, int] | None:
    """Which file lies at a path; None if there is none, as for one in memory."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
