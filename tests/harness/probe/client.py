"""The harness's side of the probe, which reaches into a running site."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests


class ProbeError(AssertionError):
    """The probe could not do what it was asked for."""


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


class Probe:
    """
    The line to the probe of one site.

    :param address: tells where the site is
    :param state: the folder that is shared with the probe in the process
    """

    def __init__(self, address: Callable[[], str], state: Path) -> None:
        self._address = address
        self._state = state

    def _do(self, action: str, **arguments: Any) -> Any:
        """Let the probe do *action*; return what comes of it, as JSON carries it."""
        return self._ask(action, arguments, within=30)

    def _ask(self, action: str, arguments: dict[str, Any], within: float) -> Any:
        answer = requests.post(
            f"{self._address()}/__probe__/control",
            data=json.dumps({"action": action, "with": arguments}).encode(),
            timeout=within,
        )
        if answer.status_code != 200:
            raise ProbeError(f"{action}{arguments}: {answer.text[-3000:]}")
        return answer.json()["result"]

    def answers(self, within: float) -> bool:
        """Tell whether the probe answers at all, *within* seconds."""
        with suppress(requests.ConnectionError, requests.Timeout):
            return bool(self._ask("ready", {}, within))
        return False

    # -- making it fail ---------------------------------------------------------

    def raising(self, message: str, kind: str = "RuntimeError") -> str:
        """Return the path of a view that raises a built-in exception."""
        return f"/__probe__/raise?{urlencode({'message': message, 'type': kind})}"

    def aborting(self, status: int, **options: str) -> str:
        """Return the path of a view that calls abort(status, **options)."""
        return f"/__probe__/abort/{status}?{urlencode(options)}".rstrip("?")

    def break_statement(
        self, number: int = 1, error: str = "IntegrityError", matching: str = ""
    ) -> None:
        """
        Let one statement fail, once: the *number*-th of a request, counted from 1.

        CONNECT, COMMIT and ROLLBACK count as statements too.

        :param error: a DB-API error ("IntegrityError", "OperationalError") or
            "disconnect", which closes the connection under the statement
        :param matching: count only statements that this pattern is found in
        """
        self._arm({"number": number, "error": error, "matching": matching})

    def break_file(self, number: int, error: str) -> None:
        """
        Let one operation on the log's files fail, once: the *number*-th of a request.

        :param error: the name of a system error: "ENOSPC", "EACCES", "EIO", ...
        """
        self._arm({"number": number, "errno": error})

    def _arm(self, fault: dict[str, object]) -> None:
        new = self._state / "fault.new"
        new.write_text(json.dumps(fault), encoding="utf-8")
        (self._state / "triggered.json").unlink(missing_ok=True)
        new.replace(self._state / "fault.json")

    @property
    def fault_triggered(self) -> bool:
        """Whether the fault that was armed has happened."""
        return (self._state / "triggered.json").exists()

    @property
    def fault_step(self) -> str:
        """What the fault has struck: a statement, or an operation on a file."""
        step: str = json.loads((self._state / "triggered.json").read_text("utf-8"))
        return step

    def clear_fault(self) -> None:
        """Take out a fault that has not struck."""
        (self._state / "fault.json").unlink(missing_ok=True)

    def refuse_updates(self, table: str, *columns: str) -> None:
        """
        Let the database itself abort every UPDATE of *columns* of *table*.

        A trigger, so that it holds on any implementation, within its own flush;
        Site.reset takes it out again, or :meth:`allow_updates`.
        """
        self._do("refuse_updates", table=table, columns=columns)

    def allow_updates(self) -> None:
        """Take back :meth:`refuse_updates`, if it is in force."""
        self._do("allow_updates")

    # -- looking into it --------------------------------------------------------

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

    # -- changing it ------------------------------------------------------------

    def log(self, level: str, message: str, count: int = 1) -> None:
        """Log *count* records through the application's logger; %d numbers them."""
        self._do("log", level=level, message=message, count=count)

    def sql(self, statement: str) -> list[list[Any]] | None:
        """
        Run a statement on the target's own engine; return its rows, if any.

        :raise ProbeError: it failed, and nothing of it is stored
        """
        rows: list[list[Any]] | None = self._do("sql", statement=statement)
        return rows

    def rows(self, query: str) -> list[list[Any]]:
        """Return the rows of a query."""
        return self.sql(query) or []

    def snapshot(self) -> None:
        """Keep all that is stored now."""
        self._do("snapshot")

    def restore(self) -> None:
        """Bring back what :meth:`snapshot` kept, and nothing else."""
        self._do("restore")

    def configure(self, **settings: Any) -> None:
        """Change settings while the site serves, in the process that answers."""
        self._do("configure", settings=settings)
