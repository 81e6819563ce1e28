"""What PostgreSQL needs so that nobody waits for ever for another's transaction."""

from typing import TYPE_CHECKING

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from psycopg import Connection


def prepare_connections(engine: Engine) -> None:
    """Set up each new connection of an engine, if it is one of PostgreSQL's."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", prepare)


def prepare(connection: "Connection", _entry: ConnectionPoolEntry) -> None:
    """Wait for another's lock as long as SQLite does, unless it is set elsewhere.

    Else a page waits until the other one ends, and the server may end it first.
    https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
    """
    connection.execute(
        "SELECT set_config('lock_timeout', '5s', false) "
        "WHERE current_setting('lock_timeout') = '0'"
    )
    connection.commit()  # a rollback would take it back
