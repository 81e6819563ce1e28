"""The stored users, whatever the target calls its table and its columns."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.harness.capabilities import NotOffered
from tests.harness.probe.client import Probe


@dataclass(frozen=True)
class UserTable:
    """The names of the users' table and its columns, "" for a missing column."""

    name: str = "user"
    key: str = "id"
    username: str = "username"
    email: str = "email"
    about_me: str = "about_me"
    last_seen: str = "last_seen"
    #: The columns, with values, of a user whose address is confirmed, if that matters.
    confirmed: tuple[tuple[str, Any], ...] = ()

    @property
    def profile(self) -> tuple[str, ...]:
        """The columns that an edited profile is stored in."""
        return tuple(filter(None, (self.username, self.about_me)))


class Users:
    """The stored users of a running site."""

    def __init__(self, probe: Probe, table: UserTable) -> None:
        self._probe = probe
        self.table = table

    def column(self, key: str) -> str:
        """Return the quoted name of a column, by the attribute of `UserTable`.

        Raises:
            NotOffered: The table has no such column.
        """
        name: str = getattr(self.table, key)
        if not name:
            raise NotOffered(f"{self.table.name} has no column for {key}")
        return f'"{name}"'

    @property
    def names(self) -> list[str]:
        """The usernames in order of registration."""
        return [name for name, _ in self.profiles]

    @property
    def profiles(self) -> list[tuple[str, str | None]]:
        """Username and about-me of each user in order of registration."""
        about_me = f'"{self.table.about_me}"' if self.table.about_me else "NULL"
        rows = self._probe.rows(
            f'SELECT {self.column("username")}, {about_me} FROM "{self.table.name}" '
            f"ORDER BY {self.column('key')}"
        )
        return [(name, text) for name, text in rows]

    def all(self) -> list[dict[str, Any]]:
        """Return all columns of each user in order of registration."""
        columns = self._probe.tables()[self.table.name]
        rows = self._probe.rows(
            f'SELECT * FROM "{self.table.name}" ORDER BY {self.column("key")}'
        )
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def add(self, user: dict[str, Any]) -> None:
        """Store a user of another site, last seen now; the key is a new one."""
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        values = {**user, self.table.last_seen: now}
        del values[self.table.key]
        columns = ", ".join(f'"{column}"' for column in values)
        literals = ", ".join(map(literal, values.values()))
        self._probe.sql(
            f'INSERT INTO "{self.table.name}" ({columns}) VALUES ({literals})'
        )

    def confirm(self, name: str) -> None:
        """Mark a user's address as confirmed, where a target asks for that."""
        changes = ", ".join(
            f'"{column}" = {literal(None if value is None else str(value))}'
            for column, value in self.table.confirmed
        )
        if changes:
            self._probe.sql(
                f'UPDATE "{self.table.name}" SET {changes} '
                f"WHERE {self.column('username')} = '{name}'"
            )

    def rename(self, name: str, to: str) -> None:
        """Rename a user in the database, in every column that contains the name."""
        username = self.column("username")
        where = f"WHERE {username} = '{name}'"
        columns = self._probe.tables()[self.table.name]
        [row] = self._probe.rows(f'SELECT * FROM "{self.table.name}" {where}')
        changes = ", ".join(
            f"\"{column}\" = '{to}'"
            for column, value in zip(columns, row, strict=True)
            if value == name
        )
        self._probe.sql(f'UPDATE "{self.table.name}" SET {changes} {where}')

    def set_about_me(self, name: str, about_me: str) -> None:
        """Change a user's about-me in the database."""
        self._probe.sql(
            f'UPDATE "{self.table.name}" '
            f"SET {self.column('about_me')} = {literal(about_me)} "
            f"WHERE {self.column('username')} = '{name}'"
        )

    def remove(self, name: str) -> None:
        """Delete a user in the database."""
        self._probe.sql(
            f'DELETE FROM "{self.table.name}" '
            f"WHERE {self.column('username')} = '{name}'"
        )

    def set_last_seen(self, moment: str) -> None:
        """Set when all users were last seen, as YYYY-MM-DD HH:MM:SS."""
        self._probe.sql(
            f"UPDATE \"{self.table.name}\" SET {self.column('last_seen')} = '{moment}'"
        )

    def last_seen(self, name: str) -> str:
        """Return when a user was last seen, as it is stored."""
        [[moment]] = self._probe.rows(
            f'SELECT {self.column("last_seen")} FROM "{self.table.name}" '
            f"WHERE {self.column('username')} = '{name}'"
        )
        return str(moment)

    def refuse_profile_updates(self) -> None:
        """Make the database abort every change of a profile, within the flush."""
        self._probe.refuse_updates(self.table.name, *self.table.profile)

    def allow_profile_updates(self) -> None:
        """Undo `refuse_profile_updates`."""
        self._probe.allow_updates()


def literal(value: str | None) -> str:
    """Return a SQL literal."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"
