"""Stored names that are older than the rules for names."""

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text

from tests.harness.plugin.behaviour import behaviour
from tests.harness.target.command import CompletedCommand

INSERT = text(
    'INSERT INTO "user" (username, email, password_hash, last_seen) '
    "VALUES (:name, :name, '!', '2020-01-01 00:00:00')"
)


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize(
    "name", ["a/b", "\ufdfa" * 4], ids=["no-address", "too-long-a-key"]
)
def test_impossible_name_stops_the_migration(
    flask: Callable[..., CompletedCommand], database_url: str, name: str
) -> None:
    """A stored name that is now invalid stops the migration, which shows it."""
    flask("db", "downgrade", "0001")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(INSERT, [{"name": "susan"}, {"name": name}])
    engine.dispose()

    stopped = flask("db", "upgrade")

    assert stopped.status != 0
    assert stopped.last_line.endswith(repr(name))
    assert "Traceback" not in stopped.output
