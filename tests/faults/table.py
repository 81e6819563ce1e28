"""The table of deliberate faults, and the outcome of a run with one of them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.verdicts import BLOCKED, BROKEN, FAILED, NOT_OFFERED
from tests.harness.target.target import REPOSITORY

STANDINS = REPOSITORY / "tests" / "faults"
TABLE = STANDINS / "faults.toml"


class Misplaced(Exception):
    """The text that a fault replaces does not occur exactly once."""


@dataclass(frozen=True)
class Edit:
    """A replacement in one file of a text that occurs there once.

    An empty text to find creates the file.
    """

    file: str
    find: str
    replace: str

    def put_into(self, folder: Path) -> None:
        """Make the replacement.

        Raises:
            Misplaced: The text does not occur exactly once.
        """
        path = folder / self.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if text.count(self.find) != 1:
            raise Misplaced(
                f"{self.file} contains the text {text.count(self.find)} times"
            )
        path.write_text(text.replace(self.find, self.replace), encoding="utf-8")


@dataclass(frozen=True)
class Fault:
    """A change of a stand-in, and its effects on behaviours by id.

    Attributes:
        also: Further replacements.
        into: The stand-in to change.
        breaks: The behaviours that fail.
        blocks: The behaviours that depend on a failed one; "*" means all others.
        hides: The behaviours that are no longer offered.
    """

    name: str
    file: str = ""
    find: str = ""
    replace: str = ""
    also: tuple[Edit, ...] = ()
    into: str = "modular"
    breaks: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    hides: frozenset[str] = frozenset()

    def put_into(self, folder: Path) -> None:
        """Make the replacements, if there are any."""
        first = [Edit(self.file, self.find, self.replace)] if self.file else []
        for edit in [*first, *self.also]:
            edit.put_into(folder)


#: The unchanged stand-in, in which no behaviour may fail.
SOUND = Fault("without a fault")


def read_table(path: Path = TABLE) -> list[Fault]:
    """Return the faults of the table."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [
        Fault(
            **{
                **row,
                "also": tuple(Edit(**edit) for edit in row.get("also", ())),
                "breaks": frozenset(row["breaks"]),
                "blocks": frozenset(row.get("blocks", ())),
                "hides": frozenset(row.get("hides", ())),
            }
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run on a faulty stand-in."""

    fault: Fault
    seconds: float
    #: The outcome of each behaviour, and the reason for it, by id.
    outcomes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    #: Why the run has no outcomes, "" if it has some.
    trouble: str = ""

    def _ended(self, outcome: str) -> set[str]:
        return {name for name, ended in self.outcomes.items() if ended == outcome}

    @property
    def deviations(self) -> list[str]:
        """The differences from the table, one line each."""
        if self.trouble:
            return [f"{self.fault.name}: {self.trouble}"]
        fault = self.fault
        failed, broken = self._ended(FAILED), self._ended(BROKEN)
        blocked, hidden = self._ended(BLOCKED), self._ended(NOT_OFFERED)
        blocks = fault.blocks
        if "*" in blocks:
            blocks = frozenset(self.outcomes) - fault.breaks
        missed = (fault.breaks - failed) | (blocks - blocked) | (fault.hides - hidden)
        lines = {
            **{
                name: f"false alarm, it fails: {self.reasons[name]}"
                for name in failed - fault.breaks
            },
            **{
                name: f"false alarm, it is blocked: {self.reasons[name]}"
                for name in blocked - blocks - fault.breaks
            },
            **{
                name: f"no longer offered: {self.reasons[name]}"
                for name in hidden - fault.hides - fault.breaks - blocks
            },
            **{
                name: f"not detected, it is {self.outcomes.get(name, 'not judged')}"
                for name in missed - failed
            },
            **{name: f"could not be judged: {self.reasons[name]}" for name in broken},
        }
        return [f"{self.fault.name}: {name}: {lines[name]}" for name in sorted(lines)]

    def __str__(self) -> str:
        word = "WRONG" if self.deviations else "ok"
        counts = f"{len(self._ended(FAILED))} of {len(self.outcomes)} fail"
        for outcome in (BLOCKED, NOT_OFFERED):
            number = len(self._ended(outcome))
            counts += f", {number} {outcome}" if number else ""
        return f"{word:7}{self.seconds:5.1f} s  {self.fault.name:40}{counts}"
