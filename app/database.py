"""Database connections: what SQLite and PostgreSQL need, and backups of SQLite."""

import os
import sqlite3
import stat
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import URL, Connection, Dialect, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from .config import ConfigError
from .extensions import db

SQLITE_MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat2.html
BUSY_TIMEOUT = "PRAGMA busy_timeout = 5000"  # milliseconds to wait for a lock
LONGEST_TRANSACTION = 5.0  # seconds; it waits as long for its last lock
SHORT_LOCK_TIMEOUT = {
    "sqlite": "PRAGMA busy_timeout = 100",
    "postgresql": "SET LOCAL lock_timeout = '100ms'",
}

# The file that this process opened last under a path.
_latest: dict[str, tuple[int, int] | None] = {}


def init_app(app: Flask) -> None:
    """Set up the database and its connections.

    Raises:
        ConfigError: DATABASE_URL names a file that cannot be a SQLite database, or
            the folder of the default one cannot be created.
    """
    try:
        db.init_app(app)
    except OSError as error:
        raise ConfigError(
            f"DATABASE_URL: {error.filename} cannot be created: {error.strerror}"
        ) from None
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            check_sqlite_path(db.engine.url)
            prepare_sqlite(db.engine)
        else:
            # First in the list: SQLAlchemy's own listener expects text in UTF-8.
            event.listen(db.engine, "connect", set_up_postgresql, insert=True)


def set_short_lock_timeout(connection: Connection) -> None:
    """Wait at most 0.1 s for locks, until the transaction or the checkout ends."""
    connection.connection.execute(SHORT_LOCK_TIMEOUT[connection.dialect.name])


def set_up_postgresql(connection: Any, _record: ConnectionPoolEntry) -> None:
    """Let a new connection send any text, and wait at most 5 s for a lock.

    A `lock_timeout` set on the role, the database or the server takes precedence.
    https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
    """
    connection.execute("SET client_encoding = UTF8")
    connection.execute(
        "SELECT set_config(name, '5s', false) FROM pg_settings "
        "WHERE name = 'lock_timeout' AND source = 'default'"
    )
    connection.commit()  # a rollback would undo the settings


def check_sqlite_path(url: URL) -> None:
    """Refuse the path of a file that cannot be a SQLite database.

    Raises:
        ConfigError: With one line that says what is wrong.
    """
    if url.database is None or "uri" in url.query:
        return
    path = Path(url.database)
    try:
        # is_dir() and is_file() hide a refused permission since Python 3.14:
        # https://docs.python.org/3.14/library/pathlib.html#querying-file-type-and-status
        mode = path.stat().st_mode
        if stat.S_ISREG(mode):
            with path.open("rb") as file:
                start = file.read(len(SQLITE_MAGIC))
            if start not in (b"", SQLITE_MAGIC):
                raise ConfigError(f"DATABASE_URL: {path} is not a SQLite database")
        usable = not stat.S_ISDIR(mode)
    except (FileNotFoundError, NotADirectoryError):
        usable = path.parent.is_dir()
    except OSError as error:
        raise ConfigError(f"DATABASE_URL: {path}: {error.strerror}") from None
    if not usable:
        raise ConfigError(
            f"DATABASE_URL: {path} cannot be used: use a file in a folder that exists"
        )


def prepare_sqlite(engine: Engine) -> None:
    """Make an engine's connections share one file, and notice when it is replaced."""
    event.listen(engine, "do_connect", open_existing_file)
    event.listen(engine, "connect", set_up_sqlite)
    event.listen(engine, "checkout", check_sqlite_file)


def open_existing_file(
    dialect: Dialect,
    record: ConnectionPoolEntry,
    arguments: list[str],
    options: dict[str, Any],
) -> DBAPIConnection | None:
    """Open the database file, but never create it: only migrations do.

    Otherwise a request in the moment in which an operator has moved the file away would
    leave an empty database in its place. SQLAlchemy 2.0 passes the same list and
    dictionary each time, so they must not be changed.
    """
    path = arguments[0]
    record.info["path"] = path  # with its symbolic links, which may be changed, too
    if file_identity(path) != _latest.get(path, file_identity(path)):
        wait_for_transaction(path)
    # Before it is opened: if it is replaced in between, the next checkout notices.
    record.info["file"] = _latest[path] = file_identity(path)
    if options.get("uri") or path == ":memory:":
        return None
    uri = f"{Path(path).as_uri()}?mode=rw"
    return dialect.connect(uri, **options, uri=True)


def wait_for_transaction(path: str) -> None:
    """Wait until a replaced file has no journal, but not longer than for a lock.

    A transaction on the earlier file may still have one, and SQLite would apply it to
    the new file, as if a crash had left it.
    https://www.sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use
    """
    end = time.monotonic() + LONGEST_TRANSACTION
    while os.path.exists(f"{path}-journal") and time.monotonic() < end:
        time.sleep(0.005)


def set_up_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    """Let a new connection check foreign keys and use the rollback journal.

    The rollback journal keeps all committed data in the one file that people copy and
    restore, and SQLite refuses to write through it to a file that was moved. A
    write-ahead log would be applied to whatever file has the name at the time.
    https://www.sqlite.org/howtocorrupt.html

    No BEGIN IMMEDIATE is needed: sqlite3 begins a transaction at its first write, which
    waits for other writers. A transaction that began with a read would fail at once.
    https://docs.python.org/3/library/sqlite3.html#transaction-control
    """
    # A file with a write-ahead log can be converted unless another program has it open.
    connection.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA foreign_keys = ON")


def check_sqlite_file(
    connection: sqlite3.Connection, record: ConnectionPoolEntry, _proxy: Any
) -> None:
    """Refuse a connection whose file was replaced; the pool opens another.

    A file that was overwritten in place can have the change counter of the earlier one,
    by which SQLite decides whether its cached pages are still valid: they are dropped.
    """
    if file_identity(record.info["path"]) != record.info["file"]:
        raise DisconnectionError(f"{record.info['path']} is another file now")
    connection.execute("PRAGMA shrink_memory")
    connection.execute(BUSY_TIMEOUT)  # it is 0, or the last request has shortened it


def file_identity(path: str) -> tuple[int, int] | None:
    """Return the device and inode of a file, or None if it does not exist."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def backup_sqlite(engine: Engine, path: Path) -> None:
    """Write a consistent copy of the database to a new file, also while it is served.

    Raises:
        FileExistsError: There is such a file.
        OSError, sqlite3.Error: The database cannot be read or the file not be written.
    """
    with closing(engine.raw_connection()) as source:
        connection: Any = source.driver_connection
        path.touch(mode=0o600, exist_ok=False)
        try:
            with closing(sqlite3.connect(path)) as target:
                connection.backup(target)
        except BaseException:
            path.unlink()
            raise
