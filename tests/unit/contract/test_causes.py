"""Root causes of failures, and the usual cause of each failure."""

import ast
from typing import Any

import pytest

from tests.contract.causes import USUAL_CAUSES, root_causes, with_evidence
from tests.contract.verdicts import Evidence, Verdict
from tests.harness.plugin.catalogue import BEHAVIOURS
from tests.harness.plugin.portable import FILES
from tests.harness.target.target import REPOSITORY

CRASH = Evidence("It crashes.", "app/views.py", 3, "crash()", key="crash")
OBSERVATION = Evidence("There is a handler.")


def verdict(name: str, outcome: str = "failed", **values: Any) -> Verdict:
    """Return a verdict on a MUST behaviour, unless another level is given."""
    return Verdict(name, values.pop("level", "MUST"), outcome, "", **values)


def failures_by_cause(*verdicts: Verdict) -> list[tuple[str, ...]]:
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
            [
                verdict("a.a", evidence=(CRASH,)),
                verdict("a.b", evidence=(OBSERVATION, CRASH)),
            ],
            [("a.a", "a.b")],
        ),
        (
            [
                verdict("a.a", evidence=(OBSERVATION,)),
                verdict("a.b", evidence=(OBSERVATION,)),
            ],
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
        *("none", "apart", "one-exception", "no-exception", "one-test", "both"),
        *("level", "level-within"),
    ],
)
def test_folded(verdicts: list[Verdict], causes: list[tuple[str, ...]]) -> None:
    """Failures with the same exception, or of the same test, share a root cause."""
    assert failures_by_cause(*verdicts) == causes


def test_blocked_below() -> None:
    """The behaviours that a failure blocks are listed with its root cause."""
    blocked = verdict("a.b", "blocked", blocked_by="a.a")

    [first, second] = root_causes([verdict("a.a"), blocked, verdict("a.c")])

    assert (first.blocked, second.blocked) == ((blocked,), ())


def test_level() -> None:
    """A root cause has the highest level, and the evidence, of its failures."""
    failures = [
        verdict("a.a", level="SHOULD", evidence=(CRASH,)),
        verdict("a.b", evidence=(CRASH,)),
        verdict("a.c", level="SHOULD"),
    ]

    assert [cause.level for cause in root_causes(failures)] == ["MUST", "SHOULD"]
    assert root_causes(failures)[0].evidence == CRASH
    assert root_causes(failures)[1].evidence is None


def test_usual_cause() -> None:
    """The usual cause is reported only if the evidence identifies no cause."""
    failed = verdict("profile.about-me")

    assert (
        with_evidence(failed, (OBSERVATION,)).cause == USUAL_CAUSES["profile.about-me"]
    )
    assert with_evidence(failed, (OBSERVATION, CRASH)).cause == ""
    assert with_evidence(verdict("start.plain"), ()).cause == ""


def test_usual_cause_of_one_test() -> None:
    """A test of a behaviour that fails for another reason has a cause of its own."""
    failed = verdict("profile.page", test="tests/a.py::test_profile_shows_a_picture[x]")

    cause = with_evidence(failed, ()).cause

    assert cause == USUAL_CAUSES["profile.page test_profile_shows_a_picture"]
    assert cause != USUAL_CAUSES["profile.page"]


def test_usual_causes_are_of_the_catalogue() -> None:
    """Each usual cause belongs to a behaviour that any implementation may have."""
    asked = {name for name, each in BEHAVIOURS.items() if not each.own_only}

    assert {key.partition(" ")[0] for key in USUAL_CAUSES} - asked == set()


def test_usual_causes_are_of_tests() -> None:
    """A usual cause of one test names a portable test of its behaviour."""
    tests = {
        f"{ast.literal_eval(decorator.args[0])} {function.name}"
        for file in FILES
        for function in ast.parse((REPOSITORY / file).read_text("utf-8")).body
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and ast.unparse(decorator.func) == "behaviour"
    }

    assert {key for key in USUAL_CAUSES if " " in key} - tests == set()


def test_usual_causes_are_lines() -> None:
    """Each usual cause is a single line, however the file wraps it."""
    assert [cause for cause in USUAL_CAUSES.values() if "\n" in cause] == []
