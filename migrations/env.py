"""How Alembic reaches the application's database; `flask db` runs this."""

from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy import event, text

config = context.config
# Alembic's own template would switch off every logger that exists by now, the
# application's too. https://github.com/miguelgrinberg/Flask-Migrate/issues/227
fileConfig(config.config_file_name, disable_existing_loggers=False)

migrate = current_app.extensions["migrate"]

if context.is_offline_mode():
    raise SystemExit("--sql is not possible: a migration here reads the stored names")


def demand_utf8(connection, _entry):
    """End with a database of PostgreSQL that cannot hold every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise SystemExit(
            f"DATABASE_URL: the database is in {encoding}: use one in UTF8"
        )


if migrate.db.engine.dialect.name == "postgresql":
    # First of all: SQLAlchemy fails at SQL_ASCII without a word about it.
    event.listen(migrate.db.engine, "connect", demand_utf8, insert=True)

with migrate.db.engine.connect() as connection:
    connection.detach()  # nobody else gets it as it will be
    if connection.dialect.name == "sqlite":
        # SQLite changes a table by making it anew; what refers to it must not mind.
        # https://www.sqlite.org/lang_altertable.html#otheralter
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        connection.commit()
        # The driver begins at the first row that is written: an end before would leave
        # half a migration, and so would a user who registers meanwhile.
        event.listen(
            connection, "begin", lambda it: it.exec_driver_sql("BEGIN IMMEDIATE")
        )
    context.configure(
        connection=connection,
        target_metadata=migrate.db.metadata,
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
