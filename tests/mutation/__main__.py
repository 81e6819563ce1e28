"""``python -m tests.mutation``: try the mutants of the application out."""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.mutation import selection
from tests.mutation.operators import Mutant
from tests.mutation.report import Report
from tests.mutation.runner import Result, Runner, State, all_mutants, copy_of

FOLDER = Path(".tox/mutation")
EQUIVALENTS = Path("tests/mutation/equivalents.toml")


class Tests(Protocol):
    """Which tests can notice a mutant."""

    def tests(self, mutant: Mutant) -> list[str]:
        """Return their names, those to try first at the front."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser("tests.mutation", description=__doc__)
    parser.add_argument("--since", metavar="REV", help="only lines changed since REV")
    parser.add_argument("--only", metavar="PATH", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--every", action="store_true", help="find every killer")
    parser.add_argument("--unit", action="store_true", help="run unit tests only")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the results")
    return parser


def changed_lines(since: str) -> dict[str, set[int]]:
    """Return the lines of the application that changed since a revision, by file."""
    command = ["git", "diff", "-U0", "--no-color", since, "--", "app"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    changed: dict[str, set[int]] = {}
    for line in text.splitlines():
        if line.startswith("+++ b/"):
            lines = changed.setdefault(line.removeprefix("+++ b/"), set())
        elif found := re.match(r"@@ \S+ \+(\d+)(?:,(\d+))? @@", line):
            first = int(found[1])
            lines |= {*range(first, first + int(found[2] or 1))}
    return changed


def chosen(root: Path, options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants that the options ask for."""
    mutants = all_mutants(root, options.only)
    if options.since is None:
        return mutants
    changed = changed_lines(options.since)
    return [
        one
        for one in mutants
        if changed.get(one.file, set()) & {*range(one.lines[0], one.lines[1] + 1)}
    ]


def try_out(copy: Path, options: argparse.Namespace) -> dict[Mutant, Result]:
    """Return the chosen mutants with their results.

    The unit tests come first; the survivors are tried out on served sites, and what
    these leave, on sites with PostgreSQL.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    state = State(options.folder / "results.jsonl")
    results: dict[Mutant, Result] = {}
    mutants = chosen(copy, options)
    stages: list[tuple[str, Callable[[Path, Path], Tests]]] = [
        ("unit", selection.measure_unit_tests)
    ]
    if not options.unit:
        stages += [
            ("integration", selection.Sites.measure),
            ("postgres", partial(selection.Sites.measure, postgres=True)),
        ]
    for stage, measure in stages:
        if not mutants:
            break
        found = measure(copy, options.folder)
        runner = Runner(copy, state, stage, options.every)
        work = []
        for mutant in mutants:
            tests = found.tests(mutant)
            result = runner.known(mutant, tests)
            if result is None:
                work.append((mutant, tests))
            else:
                results[mutant] = result
        known = len(mutants) - len(work)
        print(f"{stage}: {known} known, {len(work)} to try", flush=True)
        for number, (mutant, result) in enumerate(runner.run(work, options.jobs), 1):
            results[mutant] = result
            if not result.is_killed:
                place = f"{number} {mutant.file}:{mutant.lines[0]}"
                print(f"{place}: {mutant.mutation}: {result.status}", flush=True)
        mutants = [one for one in mutants if not results[one].is_killed]
    return results


def main(arguments: Sequence[str]) -> int:
    """Try the mutants of the current directory out; return the exit status."""
    options = parser().parse_args(arguments)
    options.folder = options.folder.absolute()
    with copy_of(Path.cwd()) as copy:
        report = Report.read(try_out(copy, options), copy / EQUIVALENTS)
        report.write(options.folder, copy)
        known = {(one.file, one.mutation) for one in all_mutants(copy)}
    print("file, mutants, killed by unit tests, by integration tests, argued, left")
    for row in report.by_file():
        print(*row)
    complaints = list(report.complaints(known))
    print(*complaints, sep="\n")
    print(f"{len(report.results)} mutants, {len(complaints)} complaints")
    return int(bool(complaints))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
