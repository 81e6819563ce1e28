"""Verdicts of single tests, merged to one for each behaviour."""

import pytest

from tests.contract.verdicts import (
    BROKEN,
    FAILED,
    NOT_OFFERED,
    PASSED,
    Tally,
    Verdict,
    counts,
    headline,
    status,
)


def verdict(outcome: str, identity: str = "log.file", statement: str = "") -> Verdict:
    """Return a verdict that took a second."""
    return Verdict(identity, "MUST", outcome, statement, seconds=1)


@pytest.mark.parametrize(
    ("outcomes", "merged"),
    [
        ([PASSED, FAILED], FAILED),
        ([FAILED, PASSED], FAILED),
        ([BROKEN, FAILED], FAILED),
        ([PASSED, BROKEN], BROKEN),
        ([NOT_OFFERED, PASSED], PASSED),
        ([NOT_OFFERED, NOT_OFFERED], NOT_OFFERED),
    ],
)
def test_merged(outcomes: list[str], merged: str) -> None:
    """Of several tests one that fails decides, and one that passes shows an offer."""
    tally = Tally()
    for outcome in outcomes:
        tally.add(verdict(outcome))

    assert tally.verdicts["log.file"].outcome == merged
    assert tally.verdicts["log.file"].seconds == 2


def test_first_failure_speaks() -> None:
    """The first failing test states its behaviour."""
    tally = Tally()
    for outcome, statement in ((PASSED, "a"), (FAILED, "b"), (FAILED, "c")):
        tally.add(verdict(outcome, statement=statement))

    assert tally.verdicts["log.file"].statement == "b"


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ([PASSED, PASSED, NOT_OFFERED], "All behaviours hold"),
        ([FAILED, FAILED, PASSED], "2 behaviours do not hold"),
        ([BROKEN, PASSED], "1 behaviour could not be judged; the others hold"),
        ([BROKEN, BROKEN], "2 behaviours could not be judged"),
        (
            [FAILED, BROKEN, BROKEN, PASSED],
            "1 behaviour does not hold, and 2 behaviours could not be judged",
        ),
        ([NOT_OFFERED], "Nothing was judged"),
    ],
)
def test_headline(outcomes: list[str], told: str) -> None:
    """The headline tells what fails, and never that all hold where one is unjudged."""
    assert headline(counts(map(verdict, outcomes))) == told


def test_counts() -> None:
    """Every outcome is counted, those that are not there too."""
    counted = counts([verdict(PASSED), verdict(PASSED), verdict(BROKEN)])

    assert list(counted.items()) == [
        *((PASSED, 2), (FAILED, 0), (NOT_OFFERED, 0), (BROKEN, 1))
    ]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(PASSED, 0), (NOT_OFFERED, 0), (BROKEN, 0), (FAILED, 1)],
)
def test_exit_status(outcome: str, expected: int) -> None:
    """Only failures decide the exit status."""
    assert status([verdict(PASSED), verdict(outcome)]) == expected


def test_area() -> None:
    """The area is what stands before the dot."""
    assert verdict(PASSED, "edit-profile.csrf").area == "edit-profile"
