"""Many identical errors make few mails: one per kind and window, with their number."""

import logging
import os
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .ledger import Ledger, Window, Windows

_APPLICATION = os.path.join(Path(__file__).resolve().parent.parent, "")


def kind_of(record: logging.LogRecord) -> str:
    """Return the kind of error that `record` reports: identical errors have one.

    It is the exception's type, and its place: the innermost one in the application's
    own code. Below it the same line of a library raises for every statement, above it
    every view calls the same.
    """
    if not record.exc_info or record.exc_info[0] is None:
        return f"{record.pathname}:{record.lineno}"
    frames = traceback.StackSummary.extract(
        traceback.walk_tb(record.exc_info[2]), lookup_lines=False
    )
    places = [(frame.filename, frame.lineno) for frame in frames]
    own = [place for place in places if place[0].startswith(_APPLICATION)]
    file, line = (own or places or [(record.pathname, record.lineno)])[-1]
    return f"{record.exc_info[0].__qualname__} {file}:{line}"


@dataclass
class _Held:
    """What this process holds back of one kind, in the window that ends at `end`."""

    end: float
    latest: str
    number: int = 0


class Storm:
    """What was mailed a short while ago, and what was held back since.

    For one thread at a time, and all processes that share the ledger. The interval is
    the length of a window, in seconds; 0 holds nothing back.
    """

    def __init__(
        self,
        interval: float,
        ledger: Ledger | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._interval = interval
        self._ledger = ledger or Ledger()
        self._clock = clock
        self._held: dict[str, _Held] = {}

    def admit(self, kind: str, report: str) -> int | None:
        """Return how many of `kind` were held back since the last was mailed.

        None says that this one, with its `report`, is held back as well.
        """
        if not self._interval:
            return 0
        return self._ledger.update(lambda windows: self._admit(windows, kind, report))

    def _admit(self, windows: Windows, kind: str, report: str) -> int | None:
        now = self._clock()
        window = windows.get(kind, Window(end=0))
        # A window that ends later than one begun now is from a clock set back since.
        if now < window.end <= now + self._interval:
            window.held += 1
            held = self._held.get(kind)
            if held is None or held.end != window.end:
                held = self._held[kind] = _Held(window.end, report)
            held.latest = report
            held.number += 1
            return None
        self._held.pop(kind, None)
        for other in [k for k, w in windows.items() if now >= w.end and not w.held]:
            del windows[other]
        windows[kind] = Window(now + self._interval)
        return window.held

    def give_back(self, failed: Iterable[tuple[str, int]]) -> None:
        """Count errors, so many of each kind, as held back: no mail told of them."""
        if self._interval:
            self._ledger.update(lambda windows: _count(windows, failed))

    def overdue(self) -> list[tuple[str, str, int]]:
        """Return, of each window that ended with reports held back, the latest one.

        It stands between its kind and how many there were, itself included; a new
        window begins.
        """
        if self.wait() != 0:
            return []
        return self._ledger.update(self._overdue)

    def _overdue(self, windows: Windows) -> list[tuple[str, str, int]]:
        now = self._clock()
        due = []
        for kind, held in list(self._held.items()):
            if now < held.end:
                continue
            del self._held[kind]
            window = windows.get(kind)
            # Otherwise another process was first, and has told of it.
            if window and window.end == held.end:
                windows[kind] = Window(now + self._interval)
                due.append((kind, held.latest, window.held))
        return due

    def wait(self) -> float | None:
        """Return the seconds until something is overdue; None if nothing will be."""
        ends = [held.end for held in self._held.values()]
        return max(0.0, min(ends) - self._clock()) if ends else None

    def held(self) -> int:
        """Return how many reports this process holds back now."""
        return sum(held.number for held in self._held.values())


def _count(windows: Windows, failed: Iterable[tuple[str, int]]) -> None:
    for kind, number in failed:
        windows.setdefault(kind, Window(end=0)).held += number
