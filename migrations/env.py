"""Connects Alembic to the application's database; `flask db` runs it."""

import logging
from contextlib import contextmanager
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from flask import current_app
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

config = context.config
# Alembic's own template would disable all existing loggers, the application's too:
# https://github.com/miguelgrinberg/Flask-Migrate/issues/227
handlers = logging.root.handlers[:]
fileConfig(config.config_file_name, disable_existing_loggers=False)
for handler in handlers:  # it has removed them
    logging.root.addHandler(handler)

migrate = current_app.extensions["migrate"]

if context.is_offline_mode():
    raise SystemExit("--sql is not possible: the migrations read the stored usernames")


def changes_schema():
    """Return whether the command migrates to a revision, and does not only look."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def require_utf8(connection, _record):
    """End if a PostgreSQL database cannot store every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise SystemExit(
            f"DATABASE_URL: the database is in {encoding}: use one in UTF8"
        )


@contextmanager
def errors_in_one_line():
    """End with one line if the database is out of reach, locked or out of space."""
    try:
        yield
    except OperationalError as error:
        if error.statement and not is_outside(error.orig):
            raise
        line = str(error.orig).partition("\n")[0]
        raise SystemExit(f"DATABASE_URL: {line}") from error
    except OSError as error:
        raise SystemExit(f"DATABASE_URL: {error}") from error


def is_outside(error):
    """Return whether an error comes from a lock or the disk, not from a migration."""
    if getattr(error, "sqlstate", None) == "55P03":  # lock_not_available
        return True
    name = getattr(error, "sqlite_errorname", "")
    kinds = ("BUSY", "FULL", "IOERR", "READONLY")
    return name.startswith(tuple(f"SQLITE_{kind}" for kind in kinds))


def connect_to_postgresql(engine):
    """Return a connection to a database that can store every text."""
    # First in the list: SQLAlchemy's own listener fails on SQL_ASCII without a reason.
    event.listen(engine, "connect", require_utf8, insert=True)
    try:
        return engine.connect()
    finally:
        event.remove(engine, "connect", require_utf8)


@contextmanager
def file_for_sqlite(url):
    """Create the file if the command creates the schema; remove it if that fails."""
    path = Path(url.database or ":memory:")
    is_file = path.name != ":memory:" and "uri" not in url.query
    is_new = is_file and changes_schema() and not path.exists()
    if is_new:
        path.touch(mode=0o600)
    try:
        yield
    finally:
        if is_new and not path.stat().st_size:
            path.unlink()


@contextmanager
def changing_sqlite(connection):
    """Let the block change tables, and make each migration happen whole or not at all.

    SQLite changes a table by creating it again, while other tables refer to it.
    https://www.sqlite.org/lang_altertable.html#otheralter
    """
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.commit()
    if changes_schema():
        # sqlite3 would begin the transaction only at the first row that is written.
        event.listen(
            connection, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE")
        )
    try:
        yield
    finally:
        connection.rollback()
        # On the driver's connection: within a transaction the pragma has no effect.
        connection.connection.execute("PRAGMA foreign_keys = ON")


def run_migrations(connection):
    """Run the migrations of the command."""
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


with errors_in_one_line():
    if migrate.db.engine.dialect.name == "sqlite":
        with (
            file_for_sqlite(migrate.db.engine.url),
            migrate.db.engine.connect() as connection,
            changing_sqlite(connection),
        ):
            run_migrations(connection)
    else:
        with connect_to_postgresql(migrate.db.engine) as connection:
            run_migrations(connection)
