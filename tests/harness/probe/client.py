"""A client of the probe, which inspects a running site and makes it fail."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests


class ProbeError(AssertionError):
    """An action of the probe failed."""


@dataclass(frozen=True)
class Handler:
    """A logging handler that the application's records reach."""

    logger: str
    kind: str
    #: The names of its class and of the base classes.
    bases: tuple[str, ...]
    level: str
    format: str | None
    #: The path of the file that it writes, None if it writes none.
    file: str | None
    #: The arguments of its constructor by name.
    arguments: Mapping[str, Any] = field(default_factory=dict)
    #: The effective level of its logger.
    threshold: str = ""
    #: File, line and source of the code that added it, None if unknown.
    added_at: tuple[str, int, str] | None = None


@dataclass(frozen=True)
class ErrorHandler:
    """A registered error handler."""

    #: The HTTP status, None if it is registered for an exception only.
    status: int | None
    exception: str
    function: str
    file: str
    line: int


@dataclass(frozen=True)
class RaisedException:
    """An exception that was raised in a request."""

    kind: str
    message: str
    #: File, line, function and source of each frame, the innermost last.
    frames: tuple[tuple[str, int, str, str], ...]


@dataclass(frozen=True)
class AnsweredRequest:
    """A request to another implementation, from its journal."""

    at: float
    #: The method and the path.
    request: str
    #: The status line of the response, "" if an exception left the application.
    status: str
    #: The SQL statements, including COMMIT and ROLLBACK.
    sql: tuple[str, ...]
    exceptions: tuple[RaisedException, ...]
    #: File, first line, name and source of the view, None if there is none.
    view: tuple[str, int, str, str] | None = None


@dataclass(frozen=True)
class Statement:
    """A SQL statement, and the request ("GET /") that sent it."""

    request: str
    sql: str


class Probe:
    """A client of the probe of one site.

    Args:
        address: Returns the URL of the site.
        state: The folder that is shared with the probe in the processes of the site.
    """

    def __init__(self, address: Callable[[], str], state: Path) -> None:
        self._address = address
        self._state = state
        self._numbers = count(1)

    def _do(self, action: str, **arguments: Any) -> Any:
        """Have the probe do an action and return the result."""
        return self._ask(action, arguments, within=30)

    def _ask(self, action: str, arguments: dict[str, Any], within: float) -> Any:
        response = requests.post(
            f"{self._address()}/__probe__/control",
            data=json.dumps({"action": action, "with": arguments}).encode(),
            timeout=within,
        )
        if response.status_code != 200:
            raise ProbeError(f"{action}{arguments}: {response.text[-3000:]}")
        return response.json()["result"]

    def answers(self, within: float) -> bool:
        """Return whether the probe answers within some seconds."""
        with suppress(requests.ConnectionError, requests.Timeout):
            return bool(self._ask("ready", {}, within))
        return False

    # -- making the site fail -----------------------------------------------------

    def raising(self, message: str, kind: str = "RuntimeError") -> str:
        """Return the path of a view that raises a built-in exception.

        The path is a new one each time, as some targets do not report an error again
        shortly after the first report.
        """
        query = urlencode({"message": message, "type": kind})
        return f"/__probe__/raise/{next(self._numbers)}?{query}"

    def failing_in(self, place: str, message: str = "on demand") -> str:
        """Return the path of a request that fails in a place other than its view.

        Args:
            place: The name of a place in ``harness_probe/failing_parts.py``.
            message: The message of the exception.
        """
        return f"/__probe__/fail/{place}?{urlencode({'message': message})}"

    def aborting(self, status: int, **options: str) -> str:
        """Return the path of a view that calls ``abort(status, **options)``."""
        return f"/__probe__/abort/{status}?{urlencode(options)}".rstrip("?")

    def break_statement(
        self, number: int = 1, error: str = "IntegrityError", matching: str = ""
    ) -> None:
        """Make one statement of one request fail.

        CONNECT, COMMIT and ROLLBACK count as statements.

        Args:
            number: Which statement of the request, counted from 1.
            error: The name of a DB-API error ("IntegrityError", "OperationalError"),
                or "disconnect", which closes the connection under the statement.
            matching: A regular expression; other statements are not counted.
        """
        self._arm({"number": number, "error": error, "matching": matching})

    def break_file(self, number: int, error: str) -> None:
        """Make one operation of one request on the log files fail.

        Args:
            number: Which operation of the request, counted from 1.
            error: The name of a system error ("ENOSPC", "EACCES", "EIO").
        """
        self._arm({"number": number, "errno": error})

    def _arm(self, fault: dict[str, object]) -> None:
        new = self._state / "fault.new"
        new.write_text(json.dumps(fault), encoding="utf-8")
        (self._state / "triggered.json").unlink(missing_ok=True)
        new.replace(self._state / "fault.json")

    @property
    def fault_triggered(self) -> bool:
        """Whether the latest fault has been triggered."""
        return (self._state / "triggered.json").exists()

    @property
    def fault_step(self) -> str:
        """The statement or the operation on a file that the latest fault made fail."""
        step: str = json.loads((self._state / "triggered.json").read_text("utf-8"))
        return step

    def clear_fault(self) -> None:
        """Remove a fault that has not been triggered."""
        (self._state / "fault.json").unlink(missing_ok=True)

    def refuse_updates(self, table: str, *columns: str) -> None:
        """Make the database abort every UPDATE of some columns of a table.

        A trigger does this, so that it works in the flush of any implementation.
        `allow_updates` and `Site.reset` remove it.
        """
        self._do("refuse_updates", table=table, columns=columns)

    def allow_updates(self) -> None:
        """Undo `refuse_updates`."""
        self._do("allow_updates")

    # -- inspecting the site ------------------------------------------------------

    @contextmanager
    def statements(self) -> Iterator[list[Statement]]:
        """Record the statements of the block; the list is filled at its end."""
        switch = self._state / "recording"
        written = self._state / "statements.jsonl"
        written.unlink(missing_ok=True)
        written.touch()
        switch.touch()
        recorded: list[Statement] = []
        try:
            yield recorded
        finally:
            switch.unlink()
            lines = written.read_text(encoding="utf-8").splitlines()
            recorded.extend(Statement(**json.loads(line)) for line in lines)

    def tables(self) -> dict[str, list[str]]:
        """Return the columns of each table, parents before their children."""
        return dict(self._do("tables"))

    def dialect(self) -> str:
        """Return the database that the site uses: "sqlite" or "postgresql"."""
        return str(self._do("dialect"))

    def handlers(self) -> list[Handler]:
        """Return the logging handlers that the application's records reach."""
        return self._handlers("handlers")

    def other_handlers(self) -> list[Handler]:
        """Return the logging handlers that they do not reach, of other loggers."""
        return self._handlers("other_handlers")

    def _handlers(self, operation: str) -> list[Handler]:
        return [
            Handler(
                logger=found["logger"],
                kind=found["class"],
                bases=tuple(found["bases"]),
                level=found["level"],
                format=found["format"],
                file=found["file"],
                arguments=found["arguments"],
                threshold=found["threshold"],
                added_at=tuple(found["added_at"]) if found["added_at"] else None,
            )
            for found in self._do(operation)
        ]

    def error_handlers(self) -> list[ErrorHandler]:
        """Return the registered error handlers."""
        return [ErrorHandler(*found) for found in self._do("error_handlers")]

    def imported(self) -> list[str]:
        """Return the paths of the files that were imported."""
        return list(self._do("imported"))

    def journal(self, since: float = 0) -> list[AnsweredRequest]:
        """Return the answered requests in order, none for our own microblog.

        The site does not have to be running.

        Args:
            since: Leave out requests that ended before this time, as of `time.time`.
        """
        path = self._state / "journal.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        entries = [entry for entry in map(json.loads, lines) if entry["at"] >= since]
        return [
            AnsweredRequest(
                at=entry["at"],
                request=entry["request"],
                status=entry["status"],
                sql=tuple(entry["sql"]),
                exceptions=tuple(
                    RaisedException(
                        kind=error["type"],
                        message=error["message"],
                        frames=tuple(tuple(frame) for frame in error["frames"]),
                    )
                    for error in entry["exceptions"]
                ),
                view=tuple(entry["view"]) if entry["view"] else None,
            )
            for entry in entries
        ]

    def connections(self) -> set[int]:
        """Return the ports that the processes of the site have connected to."""
        path = self._state / "connections.txt"
        return set(map(int, path.read_text().split())) if path.exists() else set()

    def routes(self) -> list[tuple[str, tuple[str, ...], str]]:
        """Return rule, methods and endpoint of every route of the target."""
        return [
            (rule, tuple(methods), name) for rule, methods, name in self._do("routes")
        ]

    def versions(self) -> dict[str, str]:
        """Return the versions of Python and of the installed libraries by name."""
        return dict(self._do("versions"))

    def packages(self) -> dict[str, str]:
        """Return the version of every installed distribution by normalized name."""
        return dict(self._do("packages"))

    def settings(self) -> dict[str, Any]:
        """Return ``app.config`` without its secrets."""
        return dict(self._do("settings"))

    def signals(self) -> list[str]:
        """Return the exceptions signalled since the previous call."""
        return list(self._do("signals"))

    def pid(self) -> int:
        """Return the id of the process that answers."""
        return int(self._do("ready"))

    # -- changing the site --------------------------------------------------------

    def log(self, level: str, message: str, count: int = 1) -> None:
        """Log a message *count* times, with %d as a number from 0."""
        self._do("log", level=level, message=message, count=count)

    def sql(self, statement: str) -> list[list[Any]] | None:
        """Run a statement on the target's engine and return its rows, if any.

        Raises:
            ProbeError: It failed, and stored nothing.
        """
        rows: list[list[Any]] | None = self._do("sql", statement=statement)
        return rows

    def rows(self, query: str) -> list[list[Any]]:
        """Return the rows of a query."""
        return self.sql(query) or []

    def snapshot(self) -> None:
        """Save everything that is stored in the database."""
        self._do("snapshot")

    def restore(self) -> None:
        """Replace the contents of the database by those of the latest snapshot."""
        self._do("restore")

    def configure(self, **settings: Any) -> None:
        """Change settings of the running application, in the process that answers."""
        self._do("configure", settings=settings)
