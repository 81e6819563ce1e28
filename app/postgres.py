"""What PostgreSQL needs to take every text, and to let nobody wait for ever."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from psycopg import Connection


def prepare_connections(engine: Engine) -> None:
    """Set up each new connection of an engine, if it is one of PostgreSQL's."""
    if engine.dialect.name == "postgresql":
        # First of all: SQLAlchemy's own first look expects text, and may get bytes.
        event.listen(engine, "connect", prepare, insert=True)


def prepare(connection: "Connection", _entry: ConnectionPoolEntry) -> None:
    """Tell a new connection what every page relies on.

    Every text can be sent, whatever encoding clients are to use. Another's lock is
    waited for as long as on SQLite, unless somebody has set how long: else a page waits
    until the other one ends, and the server may end it first.
    https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
    """
    connection.execute("SET client_encoding = UTF8")
    connection.execute(
        "SELECT set_config(name, '5s', false) FROM pg_settings "
        "WHERE name = 'lock_timeout' AND source = 'default'"
    )
    connection.commit()  # a rollback would take it back
