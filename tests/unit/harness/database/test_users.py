"""Stored users in a table unlike our own."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.database.users import Users, UserTable
from tests.harness.probe.client import Probe

TABLE = UserTable(name="member", key="no", username="nick", email="", about_me="")


class LocalProbe(Probe):
    """A probe with a database in this process."""

    def __init__(self) -> None:
        super().__init__(str, Path())
        self.database = sqlite3.connect(":memory:", isolation_level=None)

    def sql(self, statement: str) -> list[list[Any]]:
        """Run a statement."""
        return [list(row) for row in self.database.execute(statement)]

    def tables(self) -> dict[str, list[str]]:
        """Return the tables with their columns."""
        return {"member": ["no", "nick", "key", "last_seen"]}


@pytest.fixture
def probe() -> Iterator[LocalProbe]:
    """The probe of a site with the users susan and john."""
    probe = LocalProbe()
    probe.sql("CREATE TABLE member (no INTEGER, nick, key, last_seen)")
    probe.sql("INSERT INTO member VALUES (2, 'john', 'john', '2026')")
    probe.sql("INSERT INTO member VALUES (1, 'susan', 'susan', '2025')")
    yield probe
    probe.database.close()


@pytest.fixture
def users(probe: LocalProbe) -> Users:
    """The stored users."""
    return Users(probe, TABLE)


def test_profiles_without_about_me(users: Users) -> None:
    """Users are listed in order of registration, with None for a missing about-me."""
    assert users.profiles == [("susan", None), ("john", None)]


def test_renamed_user(users: Users, probe: LocalProbe) -> None:
    """A user is renamed in every column that contains the name."""
    users.rename("susan", "sue")

    assert probe.sql("SELECT nick, key FROM member ORDER BY no") == [
        ["sue", "sue"],
        ["john", "john"],
    ]


def test_missing_column(users: Users) -> None:
    """A missing column is reported as not offered."""
    with pytest.raises(NotOffered, match="member has no column for email"):
        users.column("email")


def test_confirmed_address(probe: LocalProbe) -> None:
    """A user is confirmed by what a target stores for it, or by nothing."""
    table = replace(TABLE, confirmed=(("key", 1), ("last_seen", None)))

    Users(probe, TABLE).confirm("susan")
    Users(probe, table).confirm("susan")

    assert probe.sql("SELECT nick, key, last_seen FROM member ORDER BY no") == [
        ["susan", "1", None],
        ["john", "john", "2026"],
    ]
