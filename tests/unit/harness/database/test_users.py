"""Who is stored, whatever the target calls its table and its columns."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.database.users import Users, UserTable
from tests.harness.probe.client import Probe

TABLE = UserTable(name="member", key="no", username="nick", email="", about_me="bio")


class Local(Probe):
    """A probe whose database is in this process."""

    def __init__(self) -> None:
        super().__init__(str, Path())
        self.database = sqlite3.connect(":memory:", isolation_level=None)
        self.refused: tuple[str, ...] = ()

    def sql(self, statement: str) -> list[list[Any]]:
        """Run a statement."""
        return [list(row) for row in self.database.execute(statement)]

    def tables(self) -> dict[str, list[str]]:
        """The tables, with their columns."""
        return {"member": ["no", "nick", "key", "bio", "last_seen"]}

    def refuse_updates(self, table: str, *columns: str) -> None:
        """Note that updates are refused."""
        self.refused = (table, *columns)

    def allow_updates(self) -> None:
        """Note that updates are allowed."""
        self.refused = ()


@pytest.fixture
def probe() -> Iterator[Local]:
    """A database of susan and john, in a table of its own making."""
    probe = Local()
    probe.sql("CREATE TABLE member (no INTEGER, nick, key, bio, last_seen)")
    probe.sql("INSERT INTO member VALUES (2, 'john', 'john', NULL, '2026')")
    probe.sql("INSERT INTO member VALUES (1, 'susan', 'susan', 'me', '2025')")
    yield probe
    probe.database.close()


@pytest.fixture
def users(probe: Local) -> Users:
    """Who is stored."""
    return Users(probe, TABLE)


def test_profiles(users: Users) -> None:
    """Users are told with their about-me, in the order in which they came."""
    assert users.profiles == [("susan", "me"), ("john", None)]
    assert users.names == ["susan", "john"]


def test_profiles_without_about_me(probe: Local) -> None:
    """Where no about-me is stored, there is none to tell."""
    users = Users(probe, UserTable("member", "no", "nick", about_me=""))

    assert users.profiles == [("susan", None), ("john", None)]


def test_renamed(users: Users, probe: Local) -> None:
    """A user is renamed in every column that holds the name, and nobody else is."""
    users.rename("susan", "sue")

    assert probe.sql("SELECT nick, key FROM member ORDER BY no") == [
        ["sue", "sue"],
        ["john", "john"],
    ]


def test_removed(users: Users) -> None:
    """A user is removed, and nobody else is."""
    users.remove("susan")

    assert users.names == ["john"]


def test_last_seen(users: Users) -> None:
    """When somebody was last seen is told as it is stored."""
    assert users.last_seen("susan") == "2025"


def test_seen_last(users: Users) -> None:
    """When all were last seen can be stored."""
    users.set_last_seen("2000-01-01 00:00:00")

    assert users.last_seen("john") == "2000-01-01 00:00:00"


def test_missing_column(users: Users) -> None:
    """A column that the table does not have is said to be not offered."""
    with pytest.raises(NotOffered, match="member has no column for email"):
        users.column("email")


def test_refused_changes(users: Users, probe: Local) -> None:
    """Changes of a profile are refused by its own columns, and let pass again."""
    users.refuse_profile_updates()
    refused = probe.refused
    users.allow_profile_updates()

    assert (refused, probe.refused) == (("member", "nick", "bio"), ())
