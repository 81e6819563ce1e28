"""Bisection of an interval, some points of which cannot be judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

#: The outcomes of a judgement.
GOOD, BAD, SKIP = "holds", "fails", "skipped"

#: After so many skipped points between two that could be judged, the search ends.
MOST_SKIPPED = 6


@dataclass
class Search:
    """A search for the first bad point between a good and a bad one."""

    good: int
    bad: int
    #: The points that could not be judged.
    skipped: list[int] = field(default_factory=list)
    #: The least distance between two points.
    step: int = 1

    @property
    def between(self) -> list[int]:
        """The skipped points that are left between the good and the bad one."""
        return sorted(one for one in self.skipped if self.good < one < self.bad)

    def next(self) -> int | None:
        """Return the point to judge next, or None if nothing is left to learn."""
        if len(self.between) >= MOST_SKIPPED:
            return None
        points = [self.good, *self.between, self.bad]
        low, high = max(pairwise(points), key=lambda gap: gap[1] - gap[0])
        return (low + high) // 2 if high - low > self.step else None

    def note(self, point: int, outcome: str) -> None:
        """Take the outcome of a point into account."""
        if outcome == GOOD:
            self.good = point
        elif outcome == BAD:
            self.bad = point
        else:
            self.skipped.append(point)

    def run(
        self, judge: Callable[[int], str], enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Judge points until the first bad one is found, or enough is known."""
        while not enough() and (point := self.next()) is not None:
            self.note(point, judge(point))
