"""How a test looks into a running site."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.harness.probe_channel import Channel


@dataclass(frozen=True)
class Handler:
    """A logging handler that records of the application reach."""

    logger: str
    kind: str
    #: The names of its class and of those that this one is made from.
    bases: tuple[str, ...]
    level: str
    format: str | None
    #: The path of the file that it writes, None if it writes none.
    file: str | None


@dataclass(frozen=True)
class Statement:
    """One SQL statement, and the request ("GET /") that it was part of."""

    request: str
    sql: str


class Inspection(Channel):
    """What a site is made of, and what it does in its requests."""

    @contextmanager
    def statements(self) -> Iterator[list[Statement]]:
        """Fill a list, at the end of the block, with the statements run in it."""
        switch = self._state / "recording"
        written = self._state / "statements.jsonl"
        written.unlink(missing_ok=True)
        written.touch()
        switch.touch()
        seen: list[Statement] = []
        try:
            yield seen
        finally:
            switch.unlink()
            lines = written.read_text(encoding="utf-8").splitlines()
            seen.extend(Statement(**json.loads(line)) for line in lines)

    def tables(self) -> dict[str, list[str]]:
        """Return the columns of each table, parents before their children."""
        return dict(self._do("tables"))

    def dialect(self) -> str:
        """Return which database the site uses: "sqlite", "postgresql"."""
        return str(self._do("dialect"))

    def handlers(self) -> list[Handler]:
        """Return the logging handlers that the application's records reach."""
        return [
            Handler(
                logger=found["logger"],
                kind=found["class"],
                bases=tuple(found["bases"]),
                level=found["level"],
                format=found["format"],
                file=found["file"],
            )
            for found in self._do("handlers")
        ]

    def routes(self) -> list[tuple[str, tuple[str, ...], str]]:
        """Return rule, methods and endpoint of every route of the target."""
        return [
            (rule, tuple(methods), name) for rule, methods, name in self._do("routes")
        ]

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the packages the target stands on."""
        return dict(self._do("versions"))

    def settings(self) -> dict[str, Any]:
        """Return app.config without its secrets."""
        return dict(self._do("settings"))

    def signals(self) -> list[str]:
        """Return the exceptions signalled since this was last asked for."""
        return list(self._do("signals"))

    def pid(self) -> int:
        """Return the id of the process that answers."""
        return int(self._do("ready"))
