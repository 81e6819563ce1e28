"""Verdicts: the outcome of each behaviour, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.harness.plugin.behaviour import MUST, SHOULD

PASSED = "passed"
FAILED = "failed"
#: A wording or a name other than the chapter's: shown, and not counted.
DIFFERS = "differs"
#: The target does not have what the behaviour is about.
NOT_OFFERED = "not offered"
#: It needs a behaviour that failed.
BLOCKED = "blocked"
#: The harness could not judge it.
BROKEN = "broken"

#: The outcomes, in the order of reports.
OUTCOMES = (PASSED, FAILED, DIFFERS, BLOCKED, NOT_OFFERED, BROKEN)

#: Which outcome of several tests of one behaviour decides: one failure is enough,
#: and one test that passes shows that the behaviour is offered.
PRECEDENCE = (FAILED, BROKEN, DIFFERS, PASSED, NOT_OFFERED)

#: The exit statuses.
HOLD, FAIL, CANNOT_JUDGE, HARNESS_BROKE = range(4)


@dataclass(frozen=True)
class Verdict:
    """The verdict on one behaviour or, before they are merged, of one test of it."""

    identity: str
    level: str
    outcome: str
    #: The fact that was judged: of the test that decided.
    statement: str
    source: str = ""
    seconds: float = 0.0
    #: Of a failure, and of what differs: what was expected, and what was seen.
    expected: str = ""
    actual: str = ""
    #: Why it is not offered, is blocked, or could not be judged.
    reason: str = ""
    #: What usually is behind such a failure.
    cause: str = ""
    #: The id of the failed behaviour that blocks it.
    blocked_by: str = ""

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


@dataclass
class Tally:
    """The verdicts of single tests, merged to one for each behaviour."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Count a test's verdict; of equal outcomes the earliest is kept."""
        before = self.verdicts.get(verdict.identity)
        if before is None:
            self.verdicts[verdict.identity] = verdict
            return
        seconds = before.seconds + verdict.seconds
        first = min((before, verdict), key=lambda one: PRECEDENCE.index(one.outcome))
        self.verdicts[verdict.identity] = replace(first, seconds=seconds)


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts there are of each outcome."""
    found = [verdict.outcome for verdict in verdicts]
    return {outcome: found.count(outcome) for outcome in OUTCOMES}


def status(verdicts: Sequence[Verdict]) -> int:
    """Return the exit status of a run that came to its end."""
    outcomes = {verdict.outcome for verdict in verdicts}
    if BROKEN in outcomes:
        return HARNESS_BROKE
    return FAIL if FAILED in outcomes else HOLD


def by_level(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    """Return the counts of each level, MUST first."""
    return {
        level: counts(verdict for verdict in verdicts if verdict.level == level)
        for level in (MUST, SHOULD)
    }


def headline(levels: Mapping[str, Mapping[str, int]]) -> str:
    """Return the one sentence that sums up a run, from the counts of each level."""

    def count(outcome: str) -> int:
        return sum(counted[outcome] for counted in levels.values())

    def behaviours(outcome: str) -> str:
        told = [
            f"{counted[outcome]} {level}"
            for level, counted in levels.items()
            if counted[outcome]
        ]
        return f"{' and '.join(told)} behaviour{'' if count(outcome) == 1 else 's'}"

    parts = []
    if count(FAILED):
        verb = "does" if count(FAILED) == 1 else "do"
        parts.append(f"{behaviours(FAILED)} {verb} not hold")
    if count(BLOCKED):
        verb = "is" if count(BLOCKED) == 1 else "are"
        parts.append(f"{count(BLOCKED)} more {verb} blocked by that")
    if count(BROKEN):
        parts.append(f"the harness could not judge {behaviours(BROKEN)}")
    if parts:
        return sentence("; ".join(parts))
    held = count(PASSED) + count(DIFFERS)
    if not held:
        return "Nothing was judged"
    if count(NOT_OFFERED):
        verb = "is" if count(NOT_OFFERED) == 1 else "are"
        parts.append(f"{count(NOT_OFFERED)} {verb} not offered")
    if count(DIFFERS):
        verb = "differs" if count(DIFFERS) == 1 else "differ"
        parts.append(f"{count(DIFFERS)} {verb} in wording")
    judged = (
        "All that are offered hold" if count(NOT_OFFERED) else "All behaviours hold"
    )
    return "; ".join([judged, *parts])


def sentence(text: str) -> str:
    """Return *text* with a capital first letter."""
    return text[:1].upper() + text[1:]
