"""Merging the verdicts of several tests into one for each behaviour."""

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
    """The worst outcome of several tests wins, and a pass overrides "not offered"."""
    tally = Tally()
    for outcome in outcomes:
        tally.add(verdict(outcome))

    assert tally.verdicts["log.file"].outcome == merged
    assert tally.verdicts["log.file"].seconds == 2


def test_first_failure_speaks() -> None:
    """The statement of a failed behaviour is that of its first failing test."""
    tally = Tally()
    for outcome, statement in ((PASSED, "a"), (FAILED, "b"), (FAILED, "c")):
        tally.add(verdict(outcome, statement=statement))

    assert tally.verdicts["log.file"].statement == "b"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
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
def test_headline(outcomes: list[str], expected: str) -> None:
    """The headline counts what fails, and claims "all" only if all was judged."""
    assert headline(list(map(verdict, outcomes))) == expected


def test_headline_of_both_levels() -> None:
    """The headline has one count of failures for each level."""
    must, should = verdict(FAILED), replace(verdict(FAILED), level="SHOULD")

    assert headline([should, must, should]) == (
        "1 MUST and 2 SHOULD behaviours do not hold"
    )


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        (3, "3 MUST behaviours do not hold"),
        (2, "3 MUST behaviours do not hold, from 2 root causes"),
        (1, "3 MUST behaviours do not hold, from 1 root cause"),
    ],
)
def test_headline_with_root_causes(causes: int, expected: str) -> None:
    """The headline mentions root causes only if there are fewer than failures."""
    assert headline([verdict(FAILED)] * 3, causes) == expected


@pytest.mark.parametrize(
    ("outcomes", "stale", "expected"),
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
    outcomes: list[str], stale: tuple[str, ...], expected: str
) -> None:
    """The headline counts expected failures, and names those that hold now."""
    known = replace(verdict(FAILED), expected_failure=True)

    assert headline([known, *map(verdict, outcomes)], 0, stale) == expected


def test_counts() -> None:
    """Every outcome is counted, including those that did not occur."""
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
    """A failure makes the exit status 1, and a broken harness makes it 3."""
    assert status(list(map(verdict, [PASSED, *outcomes]))) == expected


def test_exit_status_of_a_known_state() -> None:
    """An expected failure does not affect the status; a stale one makes it 1."""
    known = replace(verdict(FAILED), expected_failure=True)

    assert status([known, verdict(PASSED)]) == 0
    assert status([known, verdict(FAILED)]) == 1
    assert status([verdict(PASSED)], stale=["log.file"]) == 1


def test_area() -> None:
    """The area of a behaviour is the part of its id before the dot."""
    assert verdict(PASSED, "edit-profile.csrf").area == "edit-profile"
