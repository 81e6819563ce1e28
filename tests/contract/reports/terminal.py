"""Prints a run at the terminal: the root causes first, and what follows from them."""

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    NOT_OFFERED,
    OUTCOMES,
    PASSED,
    Verdict,
)

WIDTH = 88
INDENT = 15
COLOURS = {
    PASSED: 32,
    FAILED: 31,
    DIFFERS: 36,
    BLOCKED: 35,
    NOT_OFFERED: 2,
    BROKEN: 33,
}

Row = Mapping[str, Any]


class Terminal:
    """The lines of a run; colours only where a terminal shows them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._is_screen = self._stream.isatty()
        #: What erases the progress that is shown on the current line.
        self._erase = ""

    def line(self, text: str = "") -> None:
        """Print a line, at once."""
        self._stream.write(f"{self._erase}{text}\n")
        self._stream.flush()
        self._erase = ""

    def progress(self, number: int, total: int, identity: str) -> None:
        """Show which behaviour of how many is judged: on one line of a screen."""
        text = f"  {number} of {total}, {identity}"
        if self._is_screen:
            self._stream.write(f"{self._erase}{text}")
            self._stream.flush()
            self._erase = "\r\x1b[K"
        else:
            self.line(text)

    def _painted(self, text: str, outcome: str) -> str:
        return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m" if self._is_screen else text

    def pairs(self, title: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Print a table of two columns."""
        self.line(title)
        for name, text in pairs:
            self._entry(name, text)

    def _entry(self, name: str, text: str) -> None:
        """Print a name and, beside it, a text of any length."""
        blank = " " * (INDENT + 1)
        lines = [
            part
            for line in text.splitlines() or [""]
            for part in textwrap.wrap(
                line,
                WIDTH - len(blank),
                break_on_hyphens=False,
                break_long_words=False,
            )
            or [""]
        ]
        self.line(f"  {name:<{INDENT - 1}}{lines[0]}".rstrip())
        for line in lines[1:]:
            self.line(f"{blank}{line}".rstrip())

    def behaviours(self, verdicts: Iterable[Verdict]) -> None:
        """Print the behaviours that would be judged."""
        for verdict in verdicts:
            self.line(f"{verdict.identity} ({verdict.level})")
            self.line(textwrap.indent(textwrap.fill(verdict.statement, 84), "    "))

    def report(self, run: Mapping[str, Any]) -> None:
        """Print all of a run that was judged; *run* is as :func:`document` has it."""
        rows = {row["id"]: row for row in run["behaviours"]}
        self._areas(run["behaviours"])
        for number, cause in enumerate(run["root_causes"], 1):
            self._root_cause(f"{number} of {len(run['root_causes'])}", cause, rows)
        self._others(run["behaviours"])
        if run["replay"]:
            self.line()
            for name, outcome in (("fixed", PASSED), ("remaining", FAILED)):
                for identity in run["replay"][name]:
                    word = "FIXED" if outcome == PASSED else rows[identity]["outcome"]
                    self.line(f"{self._painted(word.upper(), outcome)} {identity}")
        self._total(run)

    def _areas(self, rows: Sequence[Row]) -> None:
        """Print how many behaviours of each area have which outcome."""
        self.line("Verdicts")
        areas: dict[str, list[str]] = {}
        for row in rows:
            areas.setdefault(row["id"].partition(".")[0], []).append(row["outcome"])
        for area, outcomes in areas.items():
            counts = [
                self._painted(f"{outcomes.count(outcome)} {outcome}", outcome)
                for outcome in OUTCOMES
                if outcome in outcomes
            ]
            self.line(f"  {area:<{INDENT - 1}}{', '.join(counts)}")

    def _root_cause(self, place: str, cause: Row, rows: Mapping[str, Row]) -> None:
        """Print what was seen of a bug, what fails of it, and what it blocks."""
        first, *others = (rows[identity] for identity in cause["failed"])
        self.line()
        title = f"ROOT CAUSE {place} ({cause['level']})"
        known = " (expected)" if first["expected_failure"] else ""
        self.line(self._painted(f"{title}: {first['id']} fails{known}", FAILED))
        self._failure(first)
        if others:
            self._entry("Also fails", ", ".join(row["id"] for row in others))
        if cause["blocked"]:
            self._entry("Blocks", ", ".join(cause["blocked"]))

    def _failure(self, row: Row) -> None:
        for each in row["evidence"]:
            self._entry("Seen", f"{each['text']}.")
            if each["file"]:
                self._entry("", f"{each['file']}:{each['line']}  {each['source']}")
        self._entry("Requirement", row["statement"])
        if row["expected"]:
            self._entry("Expected", row["expected"])
        self._entry("Actual", row["actual"])
        if row["cause"]:
            self._entry("Usual cause", row["cause"])
        self._entry("Read", row["chapter"])

    def _others(self, rows: Iterable[Row]) -> None:
        """Print what differs, is not offered, or could not be judged."""
        for outcome, title in (
            (DIFFERS, "Other words or names than the chapter's; this does not count"),
            (NOT_OFFERED, "Not offered, and not judged"),
            (BROKEN, "The harness could not judge"),
        ):
            of_it = [row for row in rows if row["outcome"] == outcome]
            if of_it:
                self.line()
                self.line(self._painted(title, outcome))
            for row in of_it:
                self.line(f"  {row['id']}")
                self._entry("", row["reason"] or row["actual"])

    def _total(self, run: Mapping[str, Any]) -> None:
        """Print the figures, and the one sentence that sums them up."""
        self.line()
        for level, counted in run["levels"].items():
            if any(counted.values()):
                counts = [f"{n} {outcome}" for outcome, n in counted.items() if n]
                self.line(f"{level:<7}{', '.join(counts)}")
        self.line(
            textwrap.fill(f"{run['headline']}. It took {run['seconds']:.0f} s.", WIDTH)
        )
