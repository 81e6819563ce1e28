"""The table of deliberate faults: tests/standins/faults.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.harness.target import REPOSITORY

STANDINS = REPOSITORY / "tests" / "standins"
TABLE = STANDINS / "faults.toml"


class Misplaced(Exception):
    """A fault cannot be put in: the stand-in has changed under it."""


@dataclass(frozen=True)
class Fault:
    """One change of one file, and the ids of the behaviours that it breaks."""

    name: str
    file: str = ""
    find: str = ""
    replace: str = ""
    breaks: frozenset[str] = frozenset()

    def put_into(self, folder: Path) -> None:
        """
        Make the change, if it is one.

        :raise Misplaced: it is not possible at exactly one place
        """
        if not self.file:
            return
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.find) != 1:
            raise Misplaced(f"{self.file} has its place {text.count(self.find)} times")
        path.write_text(text.replace(self.find, self.replace), encoding="utf-8")


#: The stand-in as it is: nothing may fail without a fault.
SOUND = Fault("without a fault")


def read_table(path: Path = TABLE) -> list[Fault]:
    """Return the faults of the table."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [Fault(**{**row, "breaks": frozenset(row["breaks"])}) for row in rows]
