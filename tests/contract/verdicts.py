"""Verdicts on behaviours, their counts, and the exit status of a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.harness.plugin.catalogue import MUST, SHOULD

PASSED = "passed"
FAILED = "failed"
#: A wording or a name other than the chapter's: shown, and not counted.
DIFFERS = "differs"
#: The target lacks the feature that the behaviour is about.
NOT_OFFERED = "not offered"
#: It depends on a behaviour that failed.
BLOCKED = "blocked"
#: The harness could not judge it.
BROKEN = "broken"

#: The outcomes, in the order of reports.
OUTCOMES = (PASSED, FAILED, DIFFERS, BLOCKED, NOT_OFFERED, BROKEN)

#: The order in which the outcomes of several tests decide on their behaviour: one
#: failure is enough, and one test that passes shows that the behaviour is offered.
PRECEDENCE = (FAILED, BROKEN, DIFFERS, PASSED, NOT_OFFERED)

#: The exit statuses.
HOLD, FAIL, CANNOT_JUDGE, HARNESS_BROKE = range(4)


@dataclass(frozen=True)
class Evidence:
    """An observation, and the place in the target's code where its cause is."""

    text: str
    #: The path of the file, relative to the target.
    file: str = ""
    line: int = 0
    source: str = ""
    #: The identity of the cause; failures with equal keys have one root cause.
    key: str = ""

    @property
    def place(self) -> str:
        """The file and line, "" without one."""
        return f"{self.file}:{self.line}" if self.file else ""


@dataclass(frozen=True)
class Verdict:
    """The verdict on a behaviour, or on one of its tests before they are merged."""

    identity: str
    level: str
    outcome: str
    #: The sentence of the behaviour.
    statement: str
    source: str = ""
    seconds: float = 0.0
    #: What a failed or differing test expected, and what happened instead.
    expected: str = ""
    actual: str = ""
    #: Why it is not offered, is blocked, or could not be judged.
    reason: str = ""
    #: The evidence of a failure, the strongest first.
    evidence: tuple[Evidence, ...] = ()
    #: The usual cause of such a failure, if the evidence has no better one.
    cause: str = ""
    #: The pytest node id of the test that decided.
    test: str = ""
    #: The id of the failed behaviour that blocks this one.
    blocked_by: str = ""
    #: Whether the failure is expected and does not count.
    expected_failure: bool = False
    #: The number of tests of the behaviour, and of those that passed.
    tests: int = 0
    tests_passed: int = 0

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


@dataclass
class Tally:
    """The verdicts on single tests, merged into one for each behaviour."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Add the verdict on a test; of equal outcomes the earlier one decides."""
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
    """Return the number of verdicts of each outcome."""
    found = [verdict.outcome for verdict in verdicts]
    return {outcome: found.count(outcome) for outcome in OUTCOMES}


def status(verdicts: Sequence[Verdict], stale: Sequence[str] = ()) -> int:
    """Return the exit status of a complete run.

    Args:
        stale: The ids of expected failures that hold.
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
    """Return a sentence that summarizes a run, without a period.

    Args:
        causes: The number of root causes of the failures.
        stale: The ids of expected failures that hold.
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
    """Return the number of behaviours of each level with an outcome, as text."""
    levels = {level: count[outcome] for level, count in by_level(verdicts).items()}
    text = " and ".join(f"{count} {level}" for level, count in levels.items() if count)
    return f"{text} behaviour{'' if sum(levels.values()) == 1 else 's'}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _verb(count: int, plural: str) -> str:
    return {"do": "does", "are": "is"}[plural] if count == 1 else plural


def sentence(text: str) -> str:
    """Return *text* with a capital first letter."""
    return text[:1].upper() + text[1:]
