"""``python -m tests.contract --target PATH``: the command."""

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.contract.advice import CAUSES
from tests.contract.discovery import discover
from tests.contract.document import document
from tests.contract.findings import Findings
from tests.contract.judging import judge, modules_for
from tests.contract.network import only_loopback
from tests.contract.options import Options, parse
from tests.contract.report import add_to_step_summary, write
from tests.contract.terminal import Terminal
from tests.contract.unusable import NobodyGetsIn, Unusable
from tests.contract.verdicts import FAILED, Verdict, status
from tests.harness.plugin.behaviour import MUST
from tests.harness.server.process import restore_interrupt

Run = Callable[[Options, Path, Terminal], int]


def main(arguments: Sequence[str] | None = None, run: Run | None = None) -> int:
    """
    Judge what the command line names; return the exit status.

    :param run: what does it, if not :func:`judge_target`
    """
    restore_interrupt()
    try:
        options = parse(
            sys.argv[1:] if arguments is None else arguments, sys.executable
        )
        with tempfile.TemporaryDirectory(
            # What still ends in there may write while it goes.
            prefix="contract-",
            ignore_cleanup_errors=True,
        ) as scratch:
            return (run or judge_target)(options, Path(scratch), Terminal())
    except Unusable as error:
        sys.stdout.flush()
        sys.stderr.write(f"\nThe target cannot be judged.\n{error}\n")
    except Exception as error:  # ours to mend: nobody else wants its stack trace
        sys.stdout.flush()
        at = traceback.extract_tb(error.__traceback__)[-1]
        sys.stderr.write(
            "\nThe harness itself failed, and would like to be told of it.\n"
            f"{type(error).__name__}: {error} ({Path(at.filename).name}:{at.lineno})\n"
        )
    return 2


def judge_target(options: Options, scratch: Path, terminal: Terminal) -> int:
    """Find out what there is to know, judge, and report; return the exit status."""
    begun = time.monotonic()
    modules_for(options.behaviours)  # asked for what is not there: said at once
    closed = only_loopback()
    terminal.line(f"Looking at a copy of {options.folder}; it is only read.")
    try:
        findings = discover(options, scratch)
    except NobodyGetsIn as error:
        verdicts = [shut_out(error)]
        terminal.failures(verdicts)
        terminal.line("\nNothing else can be judged before that works.")
        return reported(options, None, verdicts, time.monotonic() - begun, terminal)
    versions = ", ".join(f"{name} {one}" for name, one in findings.versions.items())
    network = "a network of its own, loopback only" if closed else "loopback, guarded"
    terminal.pairs(
        "Found", [*findings.found, ("versions", versions), ("network", network)]
    )
    terminal.line("Judging ...")
    verdicts = judge(findings.target, options.level, options.behaviours)
    seconds = time.monotonic() - begun
    terminal.areas(verdicts)
    terminal.failures(verdicts)
    terminal.others(verdicts)
    terminal.total(verdicts, seconds)
    return reported(options, findings, verdicts, seconds, terminal)


def shut_out(error: NobodyGetsIn) -> Verdict:
    """Return the verdict on a target that lets nobody in."""
    return Verdict(
        identity=error.identity,
        level=MUST,
        outcome=FAILED,
        statement="A new visitor registers, and can then sign in.",
        expected="a user who is stored",
        actual=str(error),
        cause=CAUSES.get(error.identity, ""),
    )


def reported(
    options: Options,
    findings: Findings | None,
    verdicts: Sequence[Verdict],
    seconds: float,
    terminal: Terminal,
) -> int:
    """Write the reports that are asked for; return the exit status."""
    told = document(options, findings, verdicts, seconds)
    add_to_step_summary(told, os.environ)
    if options.report is not None:
        written = write(told, options.report)
        terminal.line(f"Reports: {', '.join(map(str, written))}")
    return status(verdicts)


if __name__ == "__main__":
    raise SystemExit(main())
