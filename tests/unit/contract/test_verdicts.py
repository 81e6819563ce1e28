"""Verdicts of single tests, merged to one for each behaviour."""

from dataclasses import replace

import pytest

from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    NOT_OFFERED,
    OUTCOMES,
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
        ([PASSED, DIFFERS], DIFFERS),
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
        ([PASSED, PASSED], "All behaviours hold"),
        ([PASSED, NOT_OFFERED], "All that are offered hold; 1 is not offered"),
        ([PASSED, DIFFERS], "All behaviours hold; 1 differs in wording"),
        (
            [PASSED, DIFFERS, DIFFERS, NOT_OFFERED, NOT_OFFERED],
            "All that are offered hold; 2 are not offered; 2 differ in wording",
        ),
        ([FAILED, FAILED, PASSED], "2 MUST behaviours do not hold"),
        ([FAILED, BLOCKED], "1 MUST behaviour does not hold; 1 more is blocked"),
        ([BROKEN, PASSED], "The harness could not judge 1 MUST behaviour"),
        (
            [FAILED, BLOCKED, BLOCKED, BROKEN, BROKEN, DIFFERS],
            "1 MUST behaviour does not hold; 2 more are blocked; "
            "the harness could not judge 2 MUST behaviours; 1 differs in wording",
        ),
        ([NOT_OFFERED], "Nothing was judged; 1 is not offered"),
    ],
)
def test_headline(outcomes: list[str], told: str) -> None:
    """The headline says what fails, and "all" only if all was judged."""
    assert headline(list(map(verdict, outcomes))) == told


def test_headline_of_both_levels() -> None:
    """The headline counts failures of the chapter and beyond it apart."""
    must, should = verdict(FAILED), replace(verdict(FAILED), level="SHOULD")

    assert headline([should, must, should]) == (
        "1 MUST and 2 SHOULD behaviours do not hold"
    )


@pytest.mark.parametrize(
    ("causes", "told"),
    [
        (3, "3 MUST behaviours do not hold"),
        (2, "3 MUST behaviours do not hold, from 2 root causes"),
        (1, "3 MUST behaviours do not hold, from 1 root cause"),
    ],
)
def test_headline_with_root_causes(causes: int, told: str) -> None:
    """The headline says how many root causes there are if that is fewer."""
    assert headline([verdict(FAILED)] * 3, causes) == told


@pytest.mark.parametrize(
    ("outcomes", "stale", "told"),
    [
        ([PASSED], (), "All others hold; 1 expected failure"),
        ([], (), "Nothing else was judged; 1 expected failure"),
        ([FAILED], (), "1 MUST behaviour does not hold; 1 expected failure"),
        (
            [PASSED],
            ("a.a",),
            "1 expected failure holds now: remove a.a; 1 expected failure",
        ),
        (
            [PASSED],
            ("a.a", "a.b"),
            "2 expected failures hold now: remove a.a, a.b; 1 expected failure",
        ),
    ],
)
def test_headline_with_a_known_state(
    outcomes: list[str], stale: tuple[str, ...], told: str
) -> None:
    """The headline counts expected failures apart, and names those that hold."""
    known = replace(verdict(FAILED), expected_failure=True)

    assert headline([known, *map(verdict, outcomes)], 0, stale) == told


def test_counts() -> None:
    """Every outcome is counted, also one that no verdict has."""
    counted = counts([verdict(PASSED), verdict(PASSED), verdict(BROKEN)])

    assert list(counted) == list(OUTCOMES)
    assert {name: count for name, count in counted.items() if count} == {
        **{PASSED: 2, BROKEN: 1}
    }


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([PASSED], 0),
        ([NOT_OFFERED], 0),
        ([DIFFERS], 0),
        ([FAILED, BLOCKED], 1),
        ([BROKEN], 3),
        ([FAILED, BROKEN], 3),
    ],
)
def test_exit_status(outcomes: list[str], expected: int) -> None:
    """A failure makes the exit status 1, and what could not be judged makes it 3."""
    assert status(list(map(verdict, [PASSED, *outcomes]))) == expected


def test_exit_status_of_a_known_state() -> None:
    """An expected failure does not count, and one that holds does."""
    known = replace(verdict(FAILED), expected_failure=True)

    assert status([known, verdict(PASSED)]) == 0
    assert status([known, verdict(FAILED)]) == 1
    assert status([verdict(PASSED)], stale=["log.file"]) == 1


def test_area() -> None:
    """The area is what stands before the dot."""
    assert verdict(PASSED, "edit-profile.csrf").area == "edit-profile"
