"""Grades: points for behaviours, by a teacher's weights."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    NOT_OFFERED,
    PASSED,
    Verdict,
)
from tests.harness.plugin.catalogue import AREAS, BEHAVIOURS

#: The share of its points that an outcome earns. A failed behaviour earns the share of
#: its tests that pass; what the harness could not judge is not the author's fault.
CREDIT: Mapping[str, float] = {
    PASSED: 1,
    DIFFERS: 1,
    BROKEN: 1,
    BLOCKED: 0,
    NOT_OFFERED: 0,
}
#: The example that ships with the judge.
EXAMPLE = Path(__file__).with_name("weights.toml")


@dataclass(frozen=True)
class Weights:
    """The points and the partial credit that a teacher gives."""

    #: By the id of a behaviour, an area, or "default".
    points: Mapping[str, int] = field(default_factory=dict)
    credit: Mapping[str, float] = field(default_factory=dict)

    def of(self, identity: str) -> int:
        """Return the points of a behaviour."""
        area = identity.partition(".")[0]
        names = (identity, area, "default")
        return next((self.points[one] for one in names if one in self.points), 1)

    def earned(self, verdict: Verdict) -> float:
        """Return the points that a behaviour earned."""
        credit = {**CREDIT, **self.credit}
        if verdict.outcome == FAILED:
            share = verdict.tests_passed / max(verdict.tests, 1)
        else:
            share = credit[verdict.outcome]
        return round(self.of(verdict.identity) * share, 2)


@dataclass(frozen=True)
class Mark:
    """The points of one behaviour."""

    verdict: Verdict
    score: float
    max_score: int


@dataclass(frozen=True)
class Grade:
    """The points of a submission, behaviour by behaviour."""

    marks: tuple[Mark, ...]

    @property
    def score(self) -> float:
        """The points that were earned."""
        return round(sum(mark.score for mark in self.marks), 2)

    @property
    def max_score(self) -> int:
        """The points that could have been earned."""
        return sum(mark.max_score for mark in self.marks)


def grade(verdicts: Iterable[Verdict], weights: Weights) -> Grade:
    """Return the grade for these verdicts; what is worth nothing is left out."""
    return Grade(
        tuple(
            Mark(verdict, weights.earned(verdict), weights.of(verdict.identity))
            for verdict in verdicts
            if weights.of(verdict.identity)
        )
    )


def read_weights(path: Path) -> Weights:
    """Return the weights that a file has.

    Raises:
        CannotBeJudged: It cannot be read, or has an unknown name or a wrong value.
    """
    try:
        tables: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotBeJudged(f"The weights {path} cannot be read: {error}") from None
    points = tables.pop("points", {})
    credit = tables.pop("credit", {})
    known = {"default", *AREAS, *BEHAVIOURS}
    wrong = [f"table {name}" for name in tables]
    wrong += [name for name in points if name not in known]
    wrong += [
        f"{name} = {number!r}"
        for name, number in points.items()
        if name in known and not (type(number) is int and number >= 0)
    ]
    wrong += [
        f"{name} = {share!r}"
        for name, share in credit.items()
        if name not in CREDIT or type(share) not in (int, float) or not 0 <= share <= 1
    ]
    if wrong:
        raise CannotBeJudged(
            f"The weights {path} have {', '.join(wrong)}. [points] takes whole numbers "
            "for ids, areas and default; [credit] takes 0 to 1 for "
            f"{', '.join(CREDIT)}."
        )
    return Weights(points, credit)
