"""behaviours.json: a run as data, from which the other reports are made."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.contract.causes import RootCause, root_causes
from tests.contract.expected_failures import Replay
from tests.contract.findings import Findings
from tests.contract.grading import Grade
from tests.contract.options import Options
from tests.contract.reports.links import catalogue_link, chapter_link
from tests.contract.verdicts import (
    CANNOT_JUDGE,
    DIFFERS,
    FAIL,
    FAILED,
    HARNESS_BROKE,
    HOLD,
    Evidence,
    Verdict,
    by_level,
    counts,
    headline,
)
from tests.harness.plugin.catalogue import MUST
from tests.harness.target.target import REPOSITORY

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
#: The headline of a run that did not come to its end.
PROBLEMS = {
    CANNOT_JUDGE: "The target cannot be judged",
    HARNESS_BROKE: "The harness itself failed",
}


def document(
    options: Options,
    findings: Findings | None,
    verdicts: Sequence[Verdict],
    seconds: float,
    *,
    status: int,
    grade: Grade | None = None,
    problem: str = "",
    stale: Sequence[str] = (),
    replay: Replay | None = None,
) -> dict[str, Any]:
    """
    Return the run as JSON carries it.

    :param findings: None: nothing was found out
    :param status: the exit status of a run without a grade
    :param problem: why the target was not judged, or not to the end
    :param stale: the ids of expected failures that hold
    :param replay: what became of the failures of an earlier run
    """
    verdicts = sorted(verdicts, key=lambda verdict: verdict.level != MUST)
    causes = root_causes(verdicts)
    summary = PROBLEMS[status] if problem else headline(verdicts, len(causes), stale)
    return {
        "version": VERSION,
        "suite": suite(),
        "target": {
            "folder": str(options.folder),
            "app": findings.target.app if findings else options.app,
            "versions": dict(findings.versions) if findings else {},
            "packages": dict(findings.packages) if findings else {},
            "found": dict(findings.found) if findings else {},
        },
        "level": options.level,
        "judged_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "status": status,
        "outcome": OUTCOMES[status],
        "headline": summary,
        "problem": problem,
        "grade": grade and {"score": grade.score, "max_score": grade.max_score},
        "counts": counts(verdicts),
        "levels": by_level(verdicts),
        "root_causes": [_cause(cause) for cause in causes],
        "stale": list(stale),
        "replay": asdict(replay) if replay else None,
        "behaviours": [_row(verdict, causes) for verdict in verdicts],
    }


def suite() -> dict[str, str]:
    """Return the version of the suite, and its revision where Git knows it."""
    found = {"version": "", "revision": ""}
    with suppress(PackageNotFoundError):
        found["version"] = version("microblog")
    with suppress(OSError, subprocess.SubprocessError):
        described = subprocess.run(
            ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"],
            capture_output=True,
            check=True,
            text=True,
            timeout=10,
        )
        found["revision"] = described.stdout.strip()
    return found


def _cause(cause: RootCause) -> dict[str, Any]:
    seen = cause.evidence or Evidence("")
    return {
        "id": cause.first.identity,
        "level": cause.level,
        "summary": seen.text if seen.key else cause.first.actual,
        "file": seen.file,
        "line": seen.line,
        "source": seen.source,
        "failed": [verdict.identity for verdict in cause.failed],
        "blocked": [verdict.identity for verdict in cause.blocked],
    }


def _row(verdict: Verdict, causes: Sequence[RootCause]) -> Mapping[str, Any]:
    return {
        "id": verdict.identity,
        "level": verdict.level,
        "statement": verdict.statement,
        "source": verdict.source,
        "chapter": chapter_link(verdict.identity, verdict.source),
        "catalogue": catalogue_link(verdict.identity, os.environ),
        "outcome": verdict.outcome,
        "seconds": round(verdict.seconds, 3),
        "expected": verdict.expected,
        "actual": verdict.actual,
        "reason": verdict.reason,
        "evidence": [
            {
                "text": each.text,
                "file": each.file,
                "line": each.line,
                "source": each.source,
            }
            for each in verdict.evidence
        ],
        "cause": verdict.cause if verdict.outcome in (FAILED, DIFFERS) else "",
        "root_cause": next(
            (
                cause.first.identity
                for cause in causes
                if verdict in (*cause.failed, *cause.blocked)
            ),
            "",
        ),
        "blocked_by": verdict.blocked_by,
        "expected_failure": verdict.expected_failure,
        "tests": verdict.tests,
        "tests_passed": verdict.tests_passed,
    }
