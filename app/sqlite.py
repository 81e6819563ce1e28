"""What SQLite needs to serve several workers from one file."""

from sqlite3 import Connection
from typing import Any

from flask import Flask
from sqlalchemy import event

from .extensions import db


def prepare_connections(app: Flask) -> None:
    """Set up each new SQLite connection of the application's engine."""
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare)


def prepare(connection: Connection, _record: Any) -> None:
    """Tell a new connection how to share the file with others."""
    # Wait for another worker's write instead of failing, and let readers go on
    # beside it. https://www.sqlite.org/wal.html
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
