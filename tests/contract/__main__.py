"""The command ``microblog-check``, or ``python -m tests.contract PATH``."""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.contract.causes import with_evidence
from tests.contract.checking import check_folder, check_python
from tests.contract.discovery import discover
from tests.contract.expected_failures import (
    Replay,
    mark_expected,
    stale_entries,
    write_expected,
)
from tests.contract.findings import Findings
from tests.contract.grading import Grade, grade
from tests.contract.installing import cache_folder, install
from tests.contract.judging import judge, modules_for, selected
from tests.contract.network import only_loopback
from tests.contract.options import Options, parse
from tests.contract.reports import write
from tests.contract.reports.document import document
from tests.contract.reports.grades import write_badge, write_grade
from tests.contract.reports.terminal import Terminal
from tests.contract.reports.workflow import annotations, leave
from tests.contract.submissions import judge_submissions
from tests.contract.target_errors import (
    CannotBeJudged,
    OutsideTarget,
    RegistrationFailed,
)
from tests.contract.verdicts import (
    BLOCKED,
    CANNOT_JUDGE,
    FAILED,
    HARNESS_BROKE,
    HOLD,
    Verdict,
    sentence,
    status,
)
from tests.contract.versions.commands import SUBCOMMANDS
from tests.harness.plugin.catalogue import MUST, find
from tests.harness.server.process import restore_interrupt


@dataclass
class Run:
    """One run of the command: its options, findings, verdicts and problem."""

    options: Options
    terminal: Terminal = field(default_factory=Terminal)
    begun: float = field(default_factory=time.monotonic)
    findings: Findings | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    #: Why the target could not be judged, or not completely; "" if it was.
    problem: str = ""
    #: The exit status of a run with a problem.
    failed_with: int = CANNOT_JUDGE
    #: Whether the problem is the target's own, and therefore graded.
    is_targets: bool = True

    @property
    def stale(self) -> tuple[str, ...]:
        """The ids of expected failures that hold."""
        return stale_entries(self.verdicts, self.options.expected)

    @property
    def status(self) -> int:
        """The exit status, 0 for a graded run whatever the grade."""
        if self.is_graded:
            return HOLD
        return self.judged

    @property
    def judged(self) -> int:
        """The exit status of a run without a grade."""
        return self.failed_with if self.problem else status(self.verdicts, self.stale)

    @property
    def is_graded(self) -> bool:
        """Whether to write a grade; not for a problem of the harness or the machine."""
        if self.problem and (self.failed_with == HARNESS_BROKE or not self.is_targets):
            return False
        return bool(self.options.grade)

    @property
    def seconds(self) -> float:
        """The seconds since the run began."""
        return time.monotonic() - self.begun

    def judge(self, scratch: Path) -> None:
        """Explore the target and judge it.

        Args:
            scratch: A folder for copies of the target.

        Raises:
            CannotBeJudged: The target cannot be judged.
        """
        options, terminal = self.options, self.terminal
        modules_for(options.behaviours)  # refuses unknown ids at once
        if options.install:
            check_folder(options.folder)
            check_python(options.python)
            terminal.line("Installing its requirements ...")
            python, chosen = install(options.folder, options.python, cache_folder())
            self.options = options = replace(options, python=python)
            terminal.pairs("Installed", [("from", chosen)])
        closed = only_loopback()
        terminal.line(f"Exploring a copy of {options.folder} ...")
        try:
            self.findings = findings = discover(options, scratch)
        except RegistrationFailed as error:
            self.verdicts = blocked_by(
                error, selected(options.level, options.behaviours)
            )
            return
        versions = ", ".join(f"{name} {one}" for name, one in findings.versions.items())
        network = "isolated, loopback only" if closed else "guarded, loopback only"
        terminal.pairs(
            "Found", [*findings.found, ("versions", versions), ("network", network)]
        )
        terminal.line("Judging ...")
        judgement = judge(
            findings.target,
            options.level,
            options.behaviours,
            options.identities,
            terminal.progress,
        )
        self.verdicts, self.problem = judgement.verdicts, judgement.stopped

    def report(self) -> None:
        """Print the verdicts and write the requested reports.

        Raises:
            CannotBeJudged: A report cannot be written.
        """
        if self.options.baseline is not None and not self.problem:
            write_expected(self.options.baseline, self.verdicts)
            failed = {one.identity for one in self.verdicts if one.outcome == FAILED}
            self.options = replace(self.options, expected=frozenset(failed))
        self.verdicts = mark_expected(self.verdicts, self.options.expected)
        points = self.grade() if self.is_graded else None
        data = document(
            self.options,
            self.findings,
            self.verdicts,
            self.seconds,
            status=self.judged,
            grade=points,
            problem=self.problem,
            stale=self.stale,
            replay=Replay.of(self.verdicts) if self.options.is_replay else None,
        )
        if self.verdicts:
            self.terminal.report(data)
        leave(data)
        for command in annotations(data):
            self.terminal.line(command)
        if self.options.report is not None:
            written = write(data, self.options.report)
            self.terminal.line(f"Reports: {', '.join(map(str, written))}")
        if points is not None:
            folder = self.options.report or Path()
            path = write_grade(self.options.grade, points, data, folder, os.environ)
            score = f"{points.score:g} of {points.max_score} points"
            self.terminal.line(f"Grade: {score}, in {path}")
        if self.options.badge is not None:
            write_badge(data, self.options.badge)
        self._print_problem()

    def grade(self) -> Grade:
        """Return the grade; a behaviour that was not reached earns no points."""
        found = {verdict.identity: verdict for verdict in self.verdicts}
        if self.problem:
            for verdict in selected(self.options.level, self.options.behaviours):
                missed = replace(verdict, outcome=BLOCKED, reason="It was not reached.")
                found.setdefault(verdict.identity, missed)
        return grade(found.values(), self.options.weights)

    def _print_problem(self) -> None:
        """Print on standard error why the target could not be judged."""
        if self.problem:
            sys.stdout.flush()
            broke = self.failed_with == HARNESS_BROKE
            what = (
                "The harness itself failed" if broke else "The target cannot be judged"
            )
            sys.stderr.write(f"\n{what}.\n{self.problem}\n")


def main(
    arguments: Sequence[str] | None = None,
    judge: Callable[[Run, Path], None] = Run.judge,
) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: The arguments of the command line, by default the process's own.
        judge: Judges a run with a scratch folder.
    """
    restore_interrupt()
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments and arguments[0] in SUBCOMMANDS:
            return SUBCOMMANDS[arguments[0]](arguments[1:])
        options = parse(arguments)
        if options.only_list:
            Terminal().behaviours(selected(options.level, options.behaviours))
            return HOLD
        if options.submissions:
            return judge_submissions(
                options.submissions,
                options.others,
                options.report or Path("microblog-check"),
                Terminal(),
            )
        run = Run(options)
        with tempfile.TemporaryDirectory(
            # Processes that are still ending may write to it.
            prefix="contract-",
            ignore_cleanup_errors=True,
        ) as scratch:
            try:
                judge(run, Path(scratch))
            except CannotBeJudged as error:
                run.problem = str(error)
                run.is_targets = not isinstance(error, OutsideTarget)
            except Exception as error:
                run.problem, run.failed_with = _bug_report(error), HARNESS_BROKE
        run.report()
        return run.status
    except CannotBeJudged as error:
        sys.stdout.flush()
        sys.stderr.write(f"\n{error}\n")
        return CANNOT_JUDGE


def _bug_report(error: Exception) -> str:
    """Return an error of the harness and its place, for a bug report."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})\n"
        "This is a bug of the suite, not of the target: please report it."
    )


def blocked_by(error: RegistrationFailed, others: Sequence[Verdict]) -> list[Verdict]:
    """Return the failed verdict on registering, and the others blocked by it."""
    failed = with_evidence(
        Verdict(
            identity=error.identity,
            level=MUST,
            outcome=FAILED,
            statement=find(error.identity).sentence,
            actual=f"{sentence(str(error))}.",
        ),
        error.evidence,
    )
    blocked = {
        verdict.identity: replace(
            verdict,
            outcome=BLOCKED,
            blocked_by=error.identity,
            reason=f"It needs {error.identity}, which fails.",
        )
        for verdict in others
    }
    return list({**blocked, error.identity: failed}.values())


if __name__ == "__main__":
    raise SystemExit(main())
