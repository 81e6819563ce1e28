"""behaviours.ctrf.json: a run in the Common Test Report Format (https://ctrf.io)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.contract.reports.junit import details

#: The version of the format's specification.
SPECIFICATION = "0.0.0"
#: What the format calls an outcome; "other" is not counted as a failure.
STATUSES = {
    "passed": "passed",
    "failed": "failed",
    "differs": "passed",
    "blocked": "skipped",
    "not offered": "skipped",
    "broken": "other",
}


def ctrf(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run, as :func:`document` has it, in the Common Test Report Format."""
    tests = [_test(row) for row in run["behaviours"]]
    if run["problem"]:
        tests.append(
            {
                "name": "target.can-be-judged",
                "status": "failed" if run["status"] == 2 else "other",
                "rawStatus": run["outcome"],
                "duration": 0,
                "message": run["headline"],
                "trace": run["problem"],
            }
        )
    statuses = [test["status"] for test in tests]
    stop = int(datetime.fromisoformat(run["judged_at"]).timestamp() * 1000)
    return {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "timestamp": run["judged_at"],
        "generatedBy": "microblog contract",
        "results": {
            "tool": {"name": "microblog contract", "version": run["suite"]["version"]},
            "summary": {
                "tests": len(tests),
                **{
                    status: statuses.count(status)
                    for status in ("passed", "failed", "skipped", "pending", "other")
                },
                "start": stop - int(run["seconds"] * 1000),
                "stop": stop,
            },
            "tests": tests,
            "environment": {"appName": run["target"]["folder"]},
            "extra": {"headline": run["headline"], "root_causes": run["root_causes"]},
        },
    }


def _test(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a behaviour as a test of the format."""
    status = "skipped" if row["expected_failure"] else STATUSES[row["outcome"]]
    test: dict[str, Any] = {
        "name": row["id"],
        "status": status,
        "rawStatus": row["outcome"],
        "duration": round(row["seconds"] * 1000),
        "suite": [row["id"].partition(".")[0]],
        "tags": [row["level"]],
    }
    if row["actual"] or row["reason"]:
        test["message"] = row["actual"] or row["reason"]
    if row["outcome"] in ("failed", "broken"):
        test["trace"] = details(row)
    return test
