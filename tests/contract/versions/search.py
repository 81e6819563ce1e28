"""Bisection of an interval in which some points cannot be judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

#: The outcomes of a judgement.
GOOD, BAD, SKIP = "holds", "fails", "skipped"

#: The number of skipped points between the ends at which the search stops.
MOST_SKIPPED = 6


@dataclass
class Search:
    """A search for the first bad point between a good and a bad one."""

    good: int
    bad: int
    #: The points that could not be judged.
    skipped: list[int] = field(default_factory=list)
    #: The minimum distance between two points.
    step: int = 1

    @property
    def between(self) -> list[int]:
        """The skipped points between the good and the bad one."""
        return sorted(one for one in self.skipped if self.good < one < self.bad)

    def next(self) -> int | None:
        """Return the next point to judge, None if the search is complete."""
        if len(self.between) >= MOST_SKIPPED:
            return None
        points = [self.good, *self.between, self.bad]
        low, high = max(pairwise(points), key=lambda gap: gap[1] - gap[0])
        return (low + high) // 2 if high - low > self.step else None

    def note(self, point: int, outcome: str) -> None:
        """Record the outcome of a point."""
        if outcome == GOOD:
            self.good = point
        elif outcome == BAD:
            self.bad = point
        else:
            self.skipped.append(point)

    def run(
        self, judge: Callable[[int], str], enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Judge points until the first bad one is found, or *enough* returns true."""
        while not enough() and (point := self.next()) is not None:
            self.note(point, judge(point))
