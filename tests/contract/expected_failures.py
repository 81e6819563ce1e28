"""Expected failures, and the failures of an earlier report."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.contract.dependencies import NEEDS
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    PASSED,
    Verdict,
)

HEADER = """\
# Behaviours that are known to fail, one id a line: --expected-failures FILE.
# One that fails and is not listed, and one that is listed and holds, end the run
# with status 1. Written by --write-baseline.
"""


def read_expected(path: Path) -> frozenset[str]:
    """Return the ids that a file lists; what follows a "#" is a comment.

    Raises:
        CannotBeJudged: It cannot be read, or lists an unknown id.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise CannotBeJudged(f"{path} cannot be read: {error}") from None
    listed = {line.partition("#")[0].strip() for line in lines} - {""}
    known = {*NEEDS, *(needed for needs in NEEDS.values() for needed in needs)}
    unknown = sorted(listed - known)
    if unknown:
        raise CannotBeJudged(f"{path} lists unknown behaviours: {', '.join(unknown)}.")
    return frozenset(listed)


def write_expected(path: Path, verdicts: Iterable[Verdict]) -> None:
    """Write the ids of the failures to a file, each with what was seen.

    Raises:
        CannotBeJudged: It cannot be written.
    """
    lines = [
        f"{verdict.identity}  # {' '.join(verdict.actual.split())}".rstrip("# ")
        for verdict in verdicts
        if verdict.outcome == FAILED
    ]
    try:
        path.write_text(HEADER + "".join(f"{line}\n" for line in lines), "utf-8")
    except OSError as error:
        raise CannotBeJudged(f"{path} cannot be written: {error}") from None


def mark_expected(
    verdicts: Sequence[Verdict], expected: Collection[str]
) -> list[Verdict]:
    """Return the verdicts, with the expected failures marked."""
    return [
        replace(
            verdict,
            expected_failure=verdict.outcome == FAILED and verdict.identity in expected,
        )
        for verdict in verdicts
    ]


def stale_entries(
    verdicts: Iterable[Verdict], expected: Collection[str]
) -> tuple[str, ...]:
    """Return the ids of expected failures that hold."""
    return tuple(
        verdict.identity
        for verdict in verdicts
        if verdict.identity in expected and verdict.outcome in (PASSED, DIFFERS)
    )


@dataclass(frozen=True)
class Replay:
    """Which behaviours that did not hold in an earlier report hold now."""

    fixed: tuple[str, ...]
    remaining: tuple[str, ...]

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Replay":
        """Return the comparison, from the new verdicts on these behaviours."""
        outcomes = {verdict.identity: verdict.outcome for verdict in verdicts}
        fixed = [name for name in outcomes if outcomes[name] in (PASSED, DIFFERS)]
        return cls(tuple(fixed), tuple(sorted(set(outcomes) - set(fixed))))


@dataclass(frozen=True)
class Report:
    """The part of an earlier report that a replay needs."""

    folder: Path
    level: str
    #: The ids of behaviours that failed, were blocked or could not be judged.
    failures: frozenset[str]


def read_report(path: Path) -> Report:
    """Return what a replay needs from a report.

    Args:
        path: behaviours.json, or the folder that holds it.

    Raises:
        CannotBeJudged: It cannot be read, or nothing failed.
    """
    file = path / "behaviours.json" if path.is_dir() else path
    try:
        run: Any = json.loads(file.read_text("utf-8"))
        report = Report(
            folder=Path(run["target"]["folder"]),
            level=run["level"],
            failures=frozenset(
                row["id"]
                for row in run["behaviours"]
                if row["outcome"] in (FAILED, BLOCKED, BROKEN)
            ),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotBeJudged(f"{file} is not a report: {error!r}") from None
    if not report.failures:
        raise CannotBeJudged(f"There is nothing to replay: {file} has no failures.")
    return report
