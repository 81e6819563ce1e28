"""result.json and results.json: grades for the services that collect them."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.contract.grading import Grade, Mark
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import BROKEN, DIFFERS, FAILED, PASSED

#: The characters that Exercism keeps of a message.
LONGEST = 65_535

Run = Mapping[str, Any]


def classroom50(grade: Grade, run: Run, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return a grade as Classroom 50 collects it: whole points, rounded down.

    The schema is ``classroom50/result/v1``; its runner sets the variables:
    https://github.com/foundation50/classroom50/wiki/Advanced-Autograding
    """
    commit = environ.get("COMMIT_URL") or "unknown"
    tests = [
        {
            "test-name": mark.verdict.identity,
            "passed": mark.score == mark.max_score,
            "score": math.floor(mark.score),
            "max-score": mark.max_score,
            "message": message(mark),
        }
        for mark in grade.marks
    ]
    return {
        "schema": "classroom50/result/v1",
        "classroom": environ.get("CLASSROOM") or "unknown",
        "assignment": environ.get("ASSIGNMENT") or "microblog",
        "submission": environ.get("SUBMISSION_TAG") or "unknown",
        "commit": commit,
        "release": environ.get("RELEASE_URL") or commit,
        "review": environ.get("REVIEW_URL") or commit,
        "datetime": run["judged_at"].replace("+00:00", "Z"),
        "score": sum(test["score"] for test in tests),
        "max-score": grade.max_score,
        "tests": tests,
        "headline": run["headline"],
    }


def gradescope(grade: Grade, run: Run, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return a grade as Gradescope shows it.

    https://gradescope-autograders.readthedocs.io/en/latest/specs/
    """
    return {
        "score": grade.score,
        "execution_time": round(run["seconds"]),
        "output": "\n".join(filter(None, [f"{run['headline']}.", run["problem"]])),
        "visibility": "visible",
        "tests": [
            {
                "name": mark.verdict.identity,
                "score": mark.score,
                "max_score": mark.max_score,
                "status": "passed" if mark.score == mark.max_score else "failed",
                "output": message(mark),
                "tags": [mark.verdict.area, mark.verdict.level],
            }
            for mark in grade.marks
        ],
    }


def exercism(grade: Grade, run: Run, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the verdicts as Exercism's test runners report them, in version 2.

    https://exercism.org/docs/building/tooling/test-runners/interface
    """
    if run["problem"]:
        said = f"{run['headline']}.\n{run['problem']}"
        return {"version": 2, "status": "error", "message": said[:LONGEST]}
    tests = []
    for mark in grade.marks:
        test = {
            "name": mark.verdict.identity,
            "status": EXERCISM.get(mark.verdict.outcome, "fail"),
            "test_code": mark.verdict.statement,
        }
        if test["status"] != "pass":
            test["message"] = message(mark)[:LONGEST]
        tests.append(test)
    held = all(test["status"] == "pass" for test in tests)
    return {"version": 2, "status": "pass" if held else "fail", "tests": tests}


#: What Exercism calls the outcomes; others fail.
EXERCISM = {PASSED: "pass", DIFFERS: "pass", BROKEN: "error"}

#: By the service: the name of its file, and the function that makes it.
SERVICES: Mapping[
    str, tuple[str, Callable[[Grade, Run, Mapping[str, str]], dict[str, Any]]]
] = {
    "classroom50": ("result.json", classroom50),
    "gradescope": ("results.json", gradescope),
    "exercism": ("results.json", exercism),
}


def message(mark: Mark) -> str:
    """Return what a student reads about a behaviour."""
    verdict = mark.verdict
    lines = [verdict.statement]
    if verdict.outcome == FAILED:
        if verdict.expected not in ("", verdict.statement):
            lines += [f"Expected: {verdict.expected}"]
        lines += [f"Actual: {verdict.actual}"]
        lines += [
            f"Seen: {each.text}" + (f" ({each.place})" if each.place else "")
            for each in verdict.evidence
        ]
    elif verdict.outcome != PASSED:
        lines += [f"{verdict.outcome}: {verdict.reason or verdict.actual}"]
    return "\n".join(lines)


def write_grade(
    service: str, grade: Grade, run: Run, folder: Path, environ: Mapping[str, str]
) -> Path:
    """Write a grade to the file that a service reads, in *folder*.

    Raises:
        CannotBeJudged: It cannot be written.
    """
    name, made = SERVICES[service]
    return _write(folder / name, made(grade, run, environ))


def write_badge(run: Run, path: Path) -> Path:
    """Write how many behaviours hold as JSON for a badge of Shields.

    https://shields.io/badges/endpoint-badge

    Raises:
        CannotBeJudged: It cannot be written.
    """
    count = run["counts"]
    held = count[PASSED] + count[DIFFERS]
    judged = held + count[FAILED] + count["blocked"] + count[BROKEN]
    colours = {0: "brightgreen", 1: "orange" if 2 * held > judged else "red"}
    badge = {
        "schemaVersion": 1,
        "label": "error handling",
        "message": run["outcome"] if run["problem"] else f"{held} of {judged} hold",
        "color": colours.get(run["status"], "lightgrey"),
    }
    return _write(path, badge)


def _write(path: Path, content: Mapping[str, Any]) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotBeJudged(f"{path} cannot be written: {error}") from None
    return path
