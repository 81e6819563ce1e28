"""Root causes of failures, and what usually is behind one."""

from typing import Any

import pytest

from tests.contract.causes import USUAL_CAUSES, root_causes, with_evidence
from tests.contract.verdicts import Evidence, Verdict
from tests.harness.plugin.catalogue import BEHAVIOURS

CRASH = Evidence("It crashes.", "app/views.py", 3, "crash()", key="crash")
SEEN = Evidence("There is a handler.")


def verdict(name: str, outcome: str = "failed", **values: Any) -> Verdict:
    """Return a verdict on a MUST behaviour, unless another level is given."""
    return Verdict(name, values.pop("level", "MUST"), outcome, "", **values)


def told(*verdicts: Verdict) -> list[tuple[str, ...]]:
    """Return the ids of the failures of each root cause."""
    return [
        tuple(one.identity for one in cause.failed) for cause in root_causes(verdicts)
    ]


@pytest.mark.parametrize(
    ("verdicts", "causes"),
    [
        ([verdict("a.a", "passed"), verdict("a.b", "broken")], []),
        ([verdict("a.a"), verdict("a.b")], [("a.a",), ("a.b",)]),
        (
            [verdict("a.a", evidence=(CRASH,)), verdict("a.b", evidence=(SEEN, CRASH))],
            [("a.a", "a.b")],
        ),
        (
            [verdict("a.a", evidence=(SEEN,)), verdict("a.b", evidence=(SEEN,))],
            [("a.a",), ("a.b",)],
        ),
        ([verdict("a.a", test="t"), verdict("a.b", test="t")], [("a.a", "a.b")]),
        (
            [
                verdict("a.a", evidence=(CRASH,)),
                verdict("a.b", test="t"),
                verdict("a.c", evidence=(CRASH,), test="t"),
            ],
            [("a.a", "a.b", "a.c")],
        ),
        ([verdict("a.a", level="SHOULD"), verdict("a.b")], [("a.b",), ("a.a",)]),
        (
            [
                verdict("a.a", level="SHOULD", evidence=(CRASH,)),
                verdict("a.b", evidence=(CRASH,)),
            ],
            [("a.b", "a.a")],
        ),
    ],
    ids=[
        *("none", "apart", "one-exception", "not-telling", "one-test", "both"),
        *("level", "level-within"),
    ],
)
def test_folded(verdicts: list[Verdict], causes: list[tuple[str, ...]]) -> None:
    """Failures with the same exception, or of one test, have one root cause."""
    assert told(*verdicts) == causes


def test_blocked_below() -> None:
    """What a failure blocks is listed with its root cause."""
    blocked = verdict("a.b", "blocked", blocked_by="a.a")

    [first, second] = root_causes([verdict("a.a"), blocked, verdict("a.c")])

    assert (first.blocked, second.blocked) == ((blocked,), ())


def test_level() -> None:
    """A root cause has the highest level of its failures."""
    failures = [
        verdict("a.a", level="SHOULD", evidence=(CRASH,)),
        verdict("a.b", evidence=(CRASH,)),
        verdict("a.c", level="SHOULD"),
    ]

    assert [cause.level for cause in root_causes(failures)] == ["MUST", "SHOULD"]
    assert root_causes(failures)[0].evidence == CRASH
    assert root_causes(failures)[1].evidence is None


def test_usual_cause() -> None:
    """The usual cause is told only where the evidence identifies none."""
    failed = verdict("profile.about-me")

    assert with_evidence(failed, (SEEN,)).cause == USUAL_CAUSES["profile.about-me"]
    assert with_evidence(failed, (SEEN, CRASH)).cause == ""
    assert with_evidence(verdict("start.plain"), ()).cause == ""


def test_usual_causes_are_of_the_catalogue() -> None:
    """A usual cause belongs to a behaviour that can be asked of others."""
    asked = {name for name, each in BEHAVIOURS.items() if not each.own_only}

    assert set(USUAL_CAUSES) - asked == set()


def test_usual_causes_are_lines() -> None:
    """Each cause is one line, however the file wraps it."""
    assert [cause for cause in USUAL_CAUSES.values() if "\n" in cause] == []
