"""Tells a run to whoever sits at the terminal."""

import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TextIO

from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    NOT_OFFERED,
    PASSED,
    Verdict,
    by_level,
    counts,
    headline,
)

WIDTH = 88
COLOURS = {
    PASSED: 32,
    FAILED: 31,
    DIFFERS: 36,
    BLOCKED: 35,
    NOT_OFFERED: 2,
    BROKEN: 33,
}


class Terminal:
    """The lines of a run; colours only where a terminal shows them."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colour = self._stream.isatty()

    def line(self, text: str = "") -> None:
        """Print a line, at once."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _painted(self, text: str, outcome: str) -> str:
        return f"\x1b[{COLOURS[outcome]}m{text}\x1b[0m" if self._colour else text

    def pairs(self, title: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Print what was found, as a table of two columns."""
        self.line(title)
        for name, text in pairs:
            self._entry(name, text, 2, 14)

    def _entry(self, name: str, text: str, indent: int, width: int) -> None:
        blank = " " * (indent + width)
        lines = [
            part
            for line in text.splitlines() or [""]
            for part in textwrap.wrap(line, WIDTH - len(blank)) or [""]
        ]
        self.line(f"{' ' * indent}{name:<{width}}{lines[0]}".rstrip())
        for line in lines[1:]:
            self.line(f"{blank}{line}")

    def verdicts(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Print all that was judged: by area, each failure, the rest, and the sum."""
        self.areas(verdicts)
        self.failures(verdicts)
        self.others(verdicts)
        self.total(verdicts, seconds)

    def areas(self, verdicts: Sequence[Verdict]) -> None:
        """Print how many behaviours of each area hold."""
        self.line("Verdicts")
        for area in dict.fromkeys(verdict.area for verdict in verdicts):
            of_area = [verdict for verdict in verdicts if verdict.area == area]
            told = [
                self._painted(f"{count} {outcome}", outcome)
                for outcome, count in counts(of_area).items()
                if count
            ]
            self.line(f"  {area:<14}{', '.join(told)}")

    def failures(self, verdicts: Iterable[Verdict]) -> None:
        """Print each failure: requirement, expected, actual, and the usual cause."""
        for verdict in verdicts:
            if verdict.outcome not in (FAILED, DIFFERS):
                continue
            self.line()
            title = f"{verdict.outcome.upper()} {verdict.identity} ({verdict.level})"
            self.line(self._painted(title, verdict.outcome))
            self._entry("Requirement", verdict.statement, 2, 14)
            if verdict.expected:
                self._entry("Expected", verdict.expected, 2, 14)
            self._entry("Actual", verdict.actual, 2, 14)
            if verdict.cause:
                self._entry("Usual cause", verdict.cause, 2, 14)

    def others(self, verdicts: Iterable[Verdict]) -> None:
        """Print what is not offered, and what could not be judged."""
        for outcome, title in (
            (BLOCKED, "Blocked by a failure"),
            (NOT_OFFERED, "Not offered, and not judged"),
            (BROKEN, "Broken: the harness could not judge"),
        ):
            of_it = [verdict for verdict in verdicts if verdict.outcome == outcome]
            if of_it:
                self.line()
                self.line(title)
            for verdict in of_it:
                self.line(f"  {verdict.identity}")
                self._entry("", verdict.reason, 2, 2)

    def total(self, verdicts: Sequence[Verdict], seconds: float) -> None:
        """Print the figures, and the one sentence that sums them up."""
        self.line()
        for level, counted in by_level(verdicts).items():
            if any(counted.values()):
                told = [f"{n} {outcome}" for outcome, n in counted.items() if n]
                self.line(f"{level:<7}{', '.join(told)}")
        self.line(f"{headline(by_level(verdicts))}, in {seconds:.0f} s.")
