"""Judges many submissions in parallel, and writes a summary."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from tests.contract.reports.submissions import Report, lines, summaries
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import CANNOT_JUDGE, HARNESS_BROKE
from tests.harness.target.target import REPOSITORY

#: The maximum seconds for one submission, and for cloning its repository.
TIMEOUT = 900.0
CLONE_TIMEOUT = 120.0
#: The prefix of a repository's URL on the command line.
GIT = "git+"


def submissions_in(folder: Path) -> list[Path]:
    """Return the folders in a folder of submissions.

    Raises:
        CannotBeJudged: There is none, or the folder cannot be read.
    """
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith((".", "_"))
        )
    except OSError as error:
        raise CannotBeJudged(
            f"--all {folder}: {error.strerror}. Name a folder that contains one folder "
            "for each submission."
        ) from None
    if not found:
        raise CannotBeJudged(
            f"--all {folder}: there is no folder in it. Unpack the archives of the "
            "submissions first, each into a folder of its own."
        )
    return found


def judge_submissions(
    submissions: Sequence[str],
    arguments: Sequence[str],
    reports: Path,
    terminal: Terminal,
) -> int:
    """Judge each submission in its own process, one per core at a time.

    Args:
        submissions: Folders and repositories; an error in one does not stop the rest.
        arguments: The other arguments of the command line.
        reports: The folder for the summary, and for one folder of reports each.
        terminal: Shows the progress and the summary.

    Returns:
        The highest exit status; a graded submission counts as 0.
    """
    names = unique_names(submissions)
    reports.mkdir(parents=True, exist_ok=True)
    ended = count(1)

    def judge(number: int) -> Report:
        name = names[number]
        report = judge_one(submissions[number], arguments, reports / name)
        terminal.line(f"{next(ended)} of {len(names)}, {name}: {report['headline']}.")
        return report

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        judged = dict(zip(names, pool.map(judge, range(len(names))), strict=True))
    for name, text in summaries(judged).items():
        (reports / name).write_text(text, encoding="utf-8")
    terminal.line()
    for line in lines(judged):
        terminal.line(line)
    terminal.line()
    terminal.line(f"Reports: {reports}")
    ungraded = (report for report in judged.values() if not report["grade"])
    return max((int(report["status"]) for report in ungraded), default=0)


def unique_names(submissions: Sequence[str]) -> list[str]:
    """Return the names of submissions, with a number added to equal ones."""
    names = [_name(submission) for submission in submissions]
    total = Counter(names)
    counted: Counter[str] = Counter()
    unique = []
    for name in names:
        counted[name] += 1
        unique.append(f"{name}-{counted[name]}" if total[name] > 1 else name)
    return unique


def _name(submission: str) -> str:
    """Return the name of a folder, or owner and name of a repository."""
    if not submission.startswith(GIT):
        return Path(submission).resolve().name
    url, _ = _repository(submission)
    return "-".join(re.split(r"[/:]+", url.removesuffix(".git"))[-2:])


def _repository(submission: str) -> tuple[str, str]:
    """Return the URL of a repository, and the branch or tag, "" for the default."""
    url = submission.removeprefix(GIT)
    front, _, last = url.rpartition("/")
    name, _, reference = last.partition("@")
    return f"{front}/{name}", reference


def judge_one(submission: str, arguments: Sequence[str], report: Path) -> Report:
    """Judge a submission and return its report, or one with the reason for none."""
    report.mkdir(parents=True, exist_ok=True)
    if not submission.startswith(GIT):
        return judge_folder(submission, arguments, report)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / report.name
        try:
            clone(submission, folder)
        except CannotBeJudged as error:
            return _nothing(CANNOT_JUDGE, "cannot be judged", str(error))
        return judge_folder(str(folder), arguments, report)


def clone(submission: str, folder: Path) -> None:
    """Clone the newest commit of a repository into *folder*.

    Raises:
        CannotBeJudged: Git is not installed, or cannot clone the repository.
    """
    url, reference = _repository(submission)
    if shutil.which("git") is None:
        raise CannotBeJudged(f"{url} needs Git, which is not installed.")
    branch = ["--branch", reference] if reference else []
    try:
        finished = subprocess.run(
            [
                "git",
                "clone",
                "--quiet",
                "--depth",
                "1",
                *branch,
                "--",
                url,
                str(folder),
            ],
            # Private repositories fail at once instead of asking for a password.
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CLONE_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise CannotBeJudged(
            f"{url} was not cloned within {CLONE_TIMEOUT:.0f} s."
        ) from None
    if finished.returncode:
        *_, last = ["", *finished.stderr.strip().splitlines()]
        raise CannotBeJudged(f"{url} cannot be cloned: {last}")


def judge_folder(
    folder: str,
    arguments: Sequence[str],
    report: Path,
    environ: Mapping[str, str] = os.environ,
) -> Report:
    """Judge a folder in a new process and return its report, or the reason for none.

    Args:
        report: An existing folder for its reports.
        environ: The environment variables of the process.
    """
    command = [sys.executable, "-m", "tests.contract", folder, *arguments]
    written = report / "behaviours.json"
    written.unlink(missing_ok=True)  # from an earlier run
    try:
        finished = subprocess.run(
            [*command, "--report", str(report)],
            env={**environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )
        output = finished.stdout
    except subprocess.TimeoutExpired:
        output = f"Not judged within {TIMEOUT:.0f} s"
    (report / "output.txt").write_text(output, encoding="utf-8")
    if written.exists():
        judged: Report = json.loads(written.read_text(encoding="utf-8"))
        return judged
    *_, last = ["No output", *output.strip().splitlines()]
    return _nothing(HARNESS_BROKE, "broken", last)


def _nothing(status: int, outcome: str, problem: str) -> Report:
    """Return a report for a submission without one."""
    return {
        "status": status,
        "outcome": outcome,
        "headline": problem.rstrip("."),
        "problem": problem,
        "grade": None,
        "counts": {},
        "seconds": 0.0,
        "behaviours": [],
        "root_causes": [],
    }
