"""behaviours.json: a run as data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.contract.findings import Findings
from tests.contract.options import Options
from tests.contract.verdicts import (
    CANNOT_JUDGE,
    DIFFERS,
    FAIL,
    FAILED,
    HARNESS_BROKE,
    HOLD,
    Verdict,
    by_level,
    counts,
    headline,
)

#: What its readers can rely on.
SCHEMA = Path(__file__).with_name("behaviours.schema.json")
#: Of the schema; it rises when a reader would have to change.
VERSION = 2

#: What a run comes to, by its exit status.
OUTCOMES = {
    HOLD: "held",
    FAIL: "failed",
    CANNOT_JUDGE: "cannot be judged",
    HARNESS_BROKE: "broken",
}


def document(
    options: Options,
    findings: Findings | None,
    verdicts: Sequence[Verdict],
    seconds: float,
    *,
    status: int,
    problem: str = "",
) -> dict[str, Any]:
    """
    Return the run as JSON carries it.

    :param findings: None: nothing was found out
    :param status: the exit status
    :param problem: why the target was not judged, or not to the end
    """
    levels = by_level(verdicts)
    titles = {
        CANNOT_JUDGE: "The target cannot be judged",
        HARNESS_BROKE: "The harness itself failed",
    }
    return {
        "version": VERSION,
        "target": {
            "folder": str(options.folder),
            "app": findings.target.app if findings else options.app,
            "versions": dict(findings.versions) if findings else {},
            "found": dict(findings.found) if findings else {},
        },
        "level": options.level,
        "judged_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "status": status,
        "outcome": OUTCOMES[status],
        "headline": titles[status] if problem else headline(levels),
        "problem": problem,
        "counts": counts(verdicts),
        "levels": levels,
        "behaviours": [_row(verdict) for verdict in verdicts],
    }


def _row(verdict: Verdict) -> Mapping[str, Any]:
    return {
        "id": verdict.identity,
        "level": verdict.level,
        "statement": verdict.statement,
        "source": verdict.source,
        "outcome": verdict.outcome,
        "seconds": round(verdict.seconds, 3),
        "expected": verdict.expected,
        "actual": verdict.actual,
        "reason": verdict.reason,
        "cause": verdict.cause if verdict.outcome in (FAILED, DIFFERS) else "",
        "blocked_by": verdict.blocked_by,
    }
