"""The table of historic breakages, and what a comparison says of one of them."""

import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.versions.difference import (
    BROKEN,
    FIXED,
    FLAKY,
    STARTS,
    Difference,
)
from tests.faults.table import STANDINS, Fault

TABLE = Path(__file__).with_name("history.toml")


@dataclass(frozen=True)
class Row:
    """A release that broke something, and an application that relied on it."""

    name: str
    #: Where the breakage is documented.
    source: str
    #: The two sets of packages, as a SPEC of `microblog-check compare`.
    old: str
    new: str
    #: The sets to search for the release between, as far apart as a year; nothing:
    #: the two above.
    good: str = ""
    bad: str = ""
    #: The package that broke it, and the release.
    package: str = ""
    release: str = ""
    #: What the application requires; nothing: what its modules import.
    requirements: tuple[str, ...] = ()
    #: The areas that are judged; nothing: all.
    areas: tuple[str, ...] = ()
    #: What is changed in the stand-in, so that it relies on what was there.
    edits: tuple[Fault, ...] = ()
    #: The ids of the behaviours that break, and that are fixed.
    broken: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    level: str = "must"
    #: Whether it belongs to the quick subset.
    quick: bool = False

    def put_into(self, folder: Path) -> None:
        """Write the application to a folder that does not exist yet.

        Raises:
            Misplaced: The stand-in has changed under an edit.
        """
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(STANDINS / "modular", folder, ignore=ignored)
        for edit in self.edits:
            edit.put_into(folder)
        if self.requirements:
            lines = "".join(f"{line}\n" for line in self.requirements)
            (folder / "requirements.txt").write_text(lines, encoding="utf-8")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the judge; of what does not start nothing else changes."""
        chosen = [STARTS] if self.broken == {STARTS} else self.areas
        only = [text for one in chosen for text in ("--behaviour", one)]
        return ("--level", self.level, *only)

    @property
    def ends(self) -> tuple[str, str]:
        """The sets to search for the release between, which do not name the package."""
        return self.good or self.old, self.bad or self.new

    def deviations(self, found: Difference) -> list[str]:
        """Return what a comparison found that the table does not say, or not found."""
        kinds = {BROKEN: self.broken, FIXED: self.fixed, FLAKY: frozenset()}
        wrong = []
        for kind, expected in kinds.items():
            actual = {change.id: change.reason for change in found.changes[kind]}
            wrong += [f"{one} is not {kind}" for one in sorted(expected - {*actual})]
            wrong += [
                f"{one} is {kind}: {' '.join(actual[one].split())[:300]}"
                for one in sorted({*actual} - expected)
            ]
        return wrong


@dataclass(frozen=True)
class Unavailable:
    """A breakage that no row shows."""

    name: str
    reason: str


def read_table(path: Path = TABLE) -> tuple[list[Row], list[Unavailable]]:
    """Return the rows of the table, and the breakages that none of them shows."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    shared = {name: _edits(edits) for name, edits in table["edits"].items()}
    rows = [_row(values, shared) for values in table["row"]]
    return rows, [Unavailable(**values) for values in table["unavailable"]]


def _row(values: Mapping[str, Any], shared: Mapping[str, list[Fault]]) -> Row:
    kept = {key: one for key, one in values.items() if key not in ("uses", "edits")}
    edits = [edit for name in values.get("uses", ()) for edit in shared[name]]
    kept["edits"] = (*edits, *_edits(values.get("edits", ())))
    kept |= {kind: frozenset(values.get(kind, ())) for kind in (BROKEN, FIXED)}
    kept |= {key: tuple(values.get(key, ())) for key in ("requirements", "areas")}
    return Row(**kept)


def _edits(rows: Iterable[Mapping[str, str]]) -> list[Fault]:
    return [Fault("", row["file"], row["find"], row["replace"]) for row in rows]
