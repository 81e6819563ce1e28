"""How a test makes a running site fail."""

import json
from urllib.parse import urlencode

from tests.harness.probe_channel import Channel


class Faults(Channel):
    """Failures on demand, in the views, the statements and the database of a site."""

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
        (self._state / "struck.json").unlink(missing_ok=True)
        new.replace(self._state / "fault.json")

    @property
    def struck(self) -> bool:
        """Whether the fault that was armed has happened."""
        return (self._state / "struck.json").exists()

    @property
    def struck_step(self) -> str:
        """What the fault has struck: a statement, or an operation on a file."""
        step: str = json.loads((self._state / "struck.json").read_text("utf-8"))
        return step

    def mend(self) -> None:
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
