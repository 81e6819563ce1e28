"""What is said of a behaviour in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

PASSED = "passed"
FAILED = "failed"
NOT_OFFERED = "not offered"
BROKEN = "broken"

#: The outcomes, the one that decides first: of several tests of a behaviour, one
#: that fails is enough, and one that passes shows that it is offered.
OUTCOMES = (FAILED, BROKEN, PASSED, NOT_OFFERED)


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
    #: Of a failure: what was to be seen, and what was.
    expected: str = ""
    actual: str = ""
    #: Why it is not offered, or could not be judged.
    reason: str = ""
    #: What usually is behind such a failure.
    cause: str = ""

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


@dataclass
class Tally:
    """The verdicts of single tests, merged to one for each behaviour."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Count a test's verdict; the earliest of the deciding ones is kept."""
        before = self.verdicts.get(verdict.identity)
        if before is None:
            self.verdicts[verdict.identity] = verdict
            return
        seconds = before.seconds + verdict.seconds
        first = min((before, verdict), key=lambda one: OUTCOMES.index(one.outcome))
        self.verdicts[verdict.identity] = replace(first, seconds=seconds)


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts there are of each outcome."""
    found = [verdict.outcome for verdict in verdicts]
    order = (PASSED, FAILED, NOT_OFFERED, BROKEN)
    return {outcome: found.count(outcome) for outcome in order}


def status(verdicts: Iterable[Verdict]) -> int:
    """Return the exit status: 1 if a behaviour fails, else 0."""
    return int(any(verdict.outcome == FAILED for verdict in verdicts))


def headline(counted: Mapping[str, int]) -> str:
    """Return the one sentence that tells the end; *counted* is by outcome."""
    failed, unjudged = counted[FAILED], counted[BROKEN]
    told = f"{_behaviours(unjudged)} could not be judged" if unjudged else ""
    if failed:
        verb = "does" if failed == 1 else "do"
        fails = f"{_behaviours(failed)} {verb} not hold"
        return f"{fails}, and {told}" if told else fails
    if not counted[PASSED]:
        return told or "Nothing was judged"
    return f"{told}; the others hold" if told else "All behaviours hold"


def _behaviours(number: int) -> str:
    return f"{number} behaviour{'' if number == 1 else 's'}"
