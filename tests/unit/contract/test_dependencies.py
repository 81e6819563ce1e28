"""Dependencies between behaviours, and what a failure blocks."""

from graphlib import TopologicalSorter

import pytest

from tests.contract.dependencies import NEEDS, block
from tests.contract.verdicts import Evidence, Verdict
from tests.harness.plugin.catalogue import BEHAVIOURS

#: Each of these needs the one before it; the last needs another one, too.
CHAIN = {"a.b": ["a.a"], "a.c": ["a.b"], "a.d": ["a.x", "a.c"]}


def blocked(**outcomes: str) -> dict[str, str]:
    """Return what blocks each blocked behaviour; "_" stands for the dot of an id."""
    verdicts = [
        Verdict(name.replace("_", "."), "MUST", outcome, "")
        for name, outcome in outcomes.items()
    ]
    return {
        verdict.identity: verdict.blocked_by
        for verdict in block(verdicts, CHAIN)
        if verdict.outcome == "blocked"
    }


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"a_a": "failed", "a_b": "failed"}, {"a.b": "a.a"}),
        ({"a_a": "failed", "a_b": "not offered"}, {"a.b": "a.a"}),
        ({"a_a": "failed", "a_b": "broken"}, {"a.b": "a.a"}),
        (
            {"a_a": "failed", "a_b": "not offered", "a_c": "not offered"},
            {"a.b": "a.a", "a.c": "a.a"},
        ),
        ({"a_x": "failed", "a_c": "not offered", "a_d": "not offered"}, {}),
        ({"a_a": "failed", "a_b": "passed"}, {}),
        ({"a_a": "failed", "a_b": "differs"}, {}),
        ({"a_a": "broken", "a_b": "failed"}, {}),
        (
            {"a_c": "failed", "a_b": "failed", "a_a": "failed"},
            {"a.b": "a.a", "a.c": "a.a"},
        ),
        ({"a_a": "failed", "a_b": "passed", "a_c": "failed"}, {}),
        ({"a_a": "failed", "a_c": "failed"}, {"a.c": "a.a"}),
        ({"a_x": "passed", "a_a": "failed", "a_d": "failed"}, {"a.d": "a.a"}),
        ({"a_x": "failed", "a_a": "failed", "a_d": "failed"}, {"a.d": "a.x"}),
    ],
)
def test_blocked(outcomes: dict[str, str], expected: dict[str, str]) -> None:
    """A behaviour that does not hold is blocked by the first failed dependency."""
    assert blocked(**outcomes) == expected


def test_another_cause() -> None:
    """A failure with a different exception than its dependency is not blocked."""
    crash, other = (Evidence("It crashes.", key=key) for key in ("crash", "other"))
    root = Verdict("a.a", "MUST", "failed", "", evidence=(crash,))

    def outcome(*evidence: Evidence) -> str:
        verdict = Verdict("a.b", "MUST", "failed", "", evidence=evidence)
        return block([root, verdict], CHAIN)[1].outcome

    assert outcome(crash, Evidence("There is a handler.")) == "blocked"
    assert outcome(crash, other) == "failed"


def test_reason() -> None:
    """A blocked verdict names the behaviour that it needs."""
    failed = [Verdict(name, "MUST", "failed", "") for name in ("a.a", "a.b")]

    assert block(failed, CHAIN)[1].reason == "It needs a.a, which fails."


def test_table() -> None:
    """The dependencies have no cycle, and no MUST behaviour needs a lower level."""
    levels = {
        name: each.level for name, each in BEHAVIOURS.items() if not each.own_only
    }

    order = list(TopologicalSorter(NEEDS).static_order())

    assert set(order) - set(levels) == set()
    assert set(levels) - set(NEEDS) == {"start.plain", "start.debug"}
    assert [
        (name, needed)
        for name, needs in NEEDS.items()
        for needed in needs
        if (levels[name], levels[needed]) == ("MUST", "SHOULD")
    ] == []
