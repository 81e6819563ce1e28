"""How Alembic reaches the application's database; `flask db` runs this."""

from contextlib import contextmanager
from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

config = context.config
# Alembic's own template would switch off every logger that exists by now, the
# application's too. https://github.com/miguelgrinberg/Flask-Migrate/issues/227
fileConfig(config.config_file_name, disable_existing_loggers=False)

migrate = current_app.extensions["migrate"]

if context.is_offline_mode():
    raise SystemExit("--sql is not possible: a migration here reads the stored names")


def changes_schema():
    """Whether this is a command that leads to a revision, and not one that looks."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def demand_utf8(connection, _entry):
    """End with a database of PostgreSQL that cannot hold every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise SystemExit(
            f"DATABASE_URL: the database is in {encoding}: use one in UTF8"
        )


@contextmanager
def told_in_one_line():
    """End with one line where the database cannot be reached, or is in use."""
    try:
        yield
    except OperationalError as error:
        if error.statement and not is_locked(error.orig):
            raise
        line = str(error.orig).partition("\n")[0]
        raise SystemExit(f"DATABASE_URL: {line}") from error


def is_locked(error):
    """Whether it is an error of SQLite's or PostgreSQL's about somebody else's lock."""
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return name in {"SQLITE_BUSY", "55P03"}


def connect_to_postgres(engine):
    """Connect where every text can be stored."""
    # First of all: SQLAlchemy fails at SQL_ASCII without a word about it.
    event.listen(engine, "connect", demand_utf8, insert=True)
    try:
        return engine.connect()
    finally:
        event.remove(engine, "connect", demand_utf8)


@contextmanager
def changing_sqlite(connection):
    """Let the block change tables, each time whole or not at all."""
    # SQLite changes a table by making it anew; what refers to it must not mind.
    # https://www.sqlite.org/lang_altertable.html#otheralter
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.commit()
    if changes_schema():
        # The driver begins at the first row that is written: an end before would leave
        # half a migration, and so would a user who registers meanwhile.
        event.listen(
            connection, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE")
        )
    try:
        yield
    finally:
        connection.rollback()
        # Past SQLAlchemy, which would begin a transaction: in one it is not heeded.
        connection.connection.execute("PRAGMA foreign_keys = ON")


def migrate_by(connection):
    """Run what was asked for."""
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


with told_in_one_line():
    if migrate.db.engine.dialect.name == "sqlite":
        with migrate.db.engine.connect() as connection, changing_sqlite(connection):
            migrate_by(connection)
    else:
        with connect_to_postgres(migrate.db.engine) as connection:
            migrate_by(connection)
