"""Compares a target in two environments."""

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.contract.reports import write
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import (
    BROKEN,
    FIXED,
    Difference,
    Report,
    difference,
    rows_of,
)
from tests.contract.versions.ends import Request, judge
from tests.contract.versions.environments import Environment, make
from tests.contract.versions.specs import Spec
from tests.contract.versions.uv import NotInstallable


def environment(spec: Spec, request: Request, terminal: Terminal) -> Environment:
    """Return the environment of one end.

    Raises:
        CannotBeJudged: It cannot be installed.
    """
    try:
        made = make(spec, request.target, request.python)
    except NotInstallable as error:
        raise CannotBeJudged(f"{spec.text} cannot be installed:\n{error}") from None
    terminal.line(f"{label(spec, made)}: {made.lock}")
    return made


def label(spec: Spec, made: Environment) -> str:
    """Return the label of one end."""
    return f"{spec.text} (Python {made.python}, {len(made.packages)} packages)"


def compare(
    request: Request, old: Spec, new: Spec, reports: Path, terminal: Terminal
) -> Difference:
    """Judge a target in two environments in parallel and return the differences.

    Behaviours that differ are judged again, and are flaky if they do not differ again.

    Args:
        reports: The folder for the reports of both ends.

    Raises:
        CannotBeJudged: An environment cannot be installed, or the target cannot be
            judged.
    """
    ends = [environment(spec, request, terminal) for spec in (old, new)]
    folders = [reports / "old", reports / "new"]
    terminal.line("Judging both ...")
    first = _judge_both(request, ends, folders)
    names = (label(old, ends[0]), label(new, ends[1]))
    found = difference(first[0], first[1], names)
    if differing := [one.id for kind in (BROKEN, FIXED) for one in found.changes[kind]]:
        terminal.line(f"Judging {len(differing)} again ...")
        again = [folder / "again" for folder in folders]
        second = _judge_both(request, ends, again, differing)
        first = [with_again(*both) for both in zip(first, second, strict=True)]
        found = difference(first[0], first[1], names)
    for report, end, folder in zip(first, ends, folders, strict=True):
        write(report, folder)
        shutil.copy(end.lock, folder)
    return found


def _judge_both(
    request: Request,
    ends: Iterable[Environment],
    folders: Iterable[Path],
    behaviours: Iterable[str] = (),
) -> list[Report]:
    chosen = tuple(behaviours)
    with ThreadPoolExecutor(2) as pool:
        return list(
            pool.map(
                lambda end, folder: judge(request, end, folder, chosen), ends, folders
            )
        )


def with_again(report: Report, second: Report) -> Report:
    """Return a report with the outcomes of a second one under "again".

    Raises:
        CannotBeJudged: The target started in only one of the two.
    """
    if bool(report["behaviours"]) != bool(second["behaviours"]):
        problem = report["problem"] or second["problem"]
        raise CannotBeJudged(f"The target starts only sometimes.\n{problem}")
    again = rows_of(second)
    rows: list[Mapping[str, Any]] = []
    for row in report["behaviours"]:
        outcomes = [again[row["id"]]["outcome"]] if row["id"] in again else []
        rows.append({**row, "again": outcomes})
    return {**report, "behaviours": rows}
