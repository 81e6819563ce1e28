"""behaviours.json: a run as data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.contract.findings import Findings
from tests.contract.options import Options
from tests.contract.verdicts import Verdict, counts, status

#: What its readers can rely on.
SCHEMA = Path(__file__).with_name("behaviours.schema.json")
#: Of the schema; it rises when a reader would have to change.
VERSION = 1


def document(
    options: Options,
    findings: Findings | None,
    verdicts: Sequence[Verdict],
    seconds: float,
) -> dict[str, Any]:
    """Return the run as JSON carries it; no findings: nobody could get in."""
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
        "status": status(verdicts),
        "counts": counts(verdicts),
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
        "cause": verdict.cause if verdict.actual else "",
    }
