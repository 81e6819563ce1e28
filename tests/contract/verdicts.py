"""Verdicts: the outcome of each behaviour, and what they add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.harness.plugin.catalogue import MUST, SHOULD

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
class Evidence:
    """Something that was seen, and where in the author's code it is."""

    text: str
    #: The path of the file, relative to the target.
    file: str = ""
    line: int = 0
    source: str = ""
    #: What identifies the cause: failures with one key have one root cause.
    key: str = ""

    @property
    def place(self) -> str:
        """The file and line, "" without one."""
        return f"{self.file}:{self.line}" if self.file else ""


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
    #: What was seen of a failure, the most telling first.
    evidence: tuple[Evidence, ...] = ()
    #: What usually is behind such a failure, where nothing better is known.
    cause: str = ""
    #: The test that decided: a node id of pytest.
    test: str = ""
    #: The id of the failed behaviour that blocks it.
    blocked_by: str = ""
    #: Whether its failure is known, and does not count.
    expected_failure: bool = False
    #: How many tests of it there were, and how many passed.
    tests: int = 0
    tests_passed: int = 0

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
        verdict = replace(
            verdict,
            tests=int(verdict.outcome != NOT_OFFERED),
            tests_passed=int(verdict.outcome in (PASSED, DIFFERS)),
        )
        if before is None:
            self.verdicts[verdict.identity] = verdict
            return
        first = min((before, verdict), key=lambda one: PRECEDENCE.index(one.outcome))
        self.verdicts[verdict.identity] = replace(
            first,
            seconds=before.seconds + verdict.seconds,
            tests=before.tests + verdict.tests,
            tests_passed=before.tests_passed + verdict.tests_passed,
        )


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts there are of each outcome."""
    found = [verdict.outcome for verdict in verdicts]
    return {outcome: found.count(outcome) for outcome in OUTCOMES}


def status(verdicts: Sequence[Verdict], stale: Sequence[str] = ()) -> int:
    """
    Return the exit status of a run that came to its end.

    :param stale: the ids of expected failures that hold
    """
    outcomes = {each.outcome for each in verdicts if not each.expected_failure}
    if BROKEN in outcomes:
        return HARNESS_BROKE
    return FAIL if FAILED in outcomes or stale else HOLD


def by_level(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    """Return the counts of each level, MUST first."""
    return {
        level: counts(verdict for verdict in verdicts if verdict.level == level)
        for level in (MUST, SHOULD)
    }


def headline(
    verdicts: Sequence[Verdict], causes: int = 0, stale: Sequence[str] = ()
) -> str:
    """
    Return the one sentence that sums up a run, without a period.

    :param causes: how many root causes the failures have
    :param stale: the ids of expected failures that hold
    """
    known = [each for each in verdicts if each.expected_failure]
    new = [each for each in verdicts if not each.expected_failure]
    count = counts(new)
    parts = []
    if count[FAILED]:
        text = f"{_behaviours(new, FAILED)} {_verb(count[FAILED], 'do')} not hold"
        alike = f", from {_number(causes, 'root cause')}"
        parts.append(text + (alike if 0 < causes < count[FAILED] else ""))
    if count[BLOCKED]:
        parts.append(f"{count[BLOCKED]} more {_verb(count[BLOCKED], 'are')} blocked")
    if count[BROKEN]:
        parts.append(f"the harness could not judge {_behaviours(new, BROKEN)}")
    if stale:
        verb = "holds" if len(stale) == 1 else "hold"
        expected = _number(len(stale), "expected failure")
        parts.append(f"{expected} {verb} now: remove {', '.join(stale)}")
    if not parts:
        parts.append(_all_hold(count, bool(known)))
    if count[NOT_OFFERED]:
        verb = _verb(count[NOT_OFFERED], "are")
        parts.append(f"{count[NOT_OFFERED]} {verb} not offered")
    if count[DIFFERS]:
        verb = "differs" if count[DIFFERS] == 1 else "differ"
        parts.append(f"{count[DIFFERS]} {verb} in wording")
    if known:
        parts.append(_number(len(known), "expected failure"))
    return sentence("; ".join(parts))


def _all_hold(count: Mapping[str, int], known: bool) -> str:
    if not count[PASSED] + count[DIFFERS]:
        return "nothing else was judged" if known else "nothing was judged"
    if known:
        return "all others hold"
    return "all that are offered hold" if count[NOT_OFFERED] else "all behaviours hold"


def _behaviours(verdicts: Sequence[Verdict], outcome: str) -> str:
    """Return how many behaviours of each level have an outcome, in words."""
    levels = {level: count[outcome] for level, count in by_level(verdicts).items()}
    told = " and ".join(f"{count} {level}" for level, count in levels.items() if count)
    return f"{told} behaviour{'' if sum(levels.values()) == 1 else 's'}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _verb(count: int, plural: str) -> str:
    return {"do": "does", "are": "is"}[plural] if count == 1 else plural


def sentence(text: str) -> str:
    """Return *text* with a capital first letter."""
    return text[:1].upper() + text[1:]
