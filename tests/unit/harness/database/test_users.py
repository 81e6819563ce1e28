"""Who is stored, whatever the target calls its table and its columns."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.database.users import People, UserTable
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
def people(probe: Local) -> People:
    """Who is stored."""
    return People(probe, TABLE)


def test_profiles(people: People) -> None:
    """Users are told with their about-me, in the order in which they came."""
    assert people.profiles == [("susan", "me"), ("john", None)]
    assert people.names == ["susan", "john"]


def test_profiles_without_about_me(probe: Local) -> None:
    """Where no about-me is stored, there is none to tell."""
    people = People(probe, UserTable("member", "no", "nick", about_me=""))

    assert people.profiles == [("susan", None), ("john", None)]


def test_renamed(people: People, probe: Local) -> None:
    """A user is renamed in every column that holds the name, and nobody else is."""
    people.rename("susan", "sue")

    assert probe.sql("SELECT nick, key FROM member ORDER BY no") == [
        ["sue", "sue"],
        ["john", "john"],
    ]


def test_removed(people: People) -> None:
    """A user is removed, and nobody else is."""
    people.remove("susan")

    assert people.names == ["john"]


def test_last_seen(people: People) -> None:
    """When somebody was last seen is told as it is stored."""
    assert people.last_seen("susan") == "2025"


def test_seen_last(people: People) -> None:
    """When all were last seen can be stored."""
    people.see_last("2000-01-01 00:00:00")

    assert people.last_seen("john") == "2000-01-01 00:00:00"


def test_missing_column(people: People) -> None:
    """A column that the table does not have is said to be not offered."""
    with pytest.raises(NotOffered, match="member has no column for email"):
        people.column("email")


def test_refused_changes(people: People, probe: Local) -> None:
    """Changes of a profile are refused by its own columns, and let pass again."""
    people.refuse_changes()
    refused = probe.refused
    people.allow_changes()

    assert (refused, probe.refused) == (("member", "nick", "bio"), ())
