"""The harness's side of the probe, which reaches into a running site."""

from typing import Any

from tests.harness.faults import Faults
from tests.harness.inspection import Inspection


class Probe(Faults, Inspection):
    """Reaches into a running site: to make it fail, look into it and change it."""

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
