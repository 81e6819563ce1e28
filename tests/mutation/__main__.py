"""``python -m tests.mutation``: try the mutants of the application out."""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.harness.target.target import REPOSITORY
from tests.mutation import selection
from tests.mutation.operators import Mutant
from tests.mutation.runner import Result, Runner, State, all_mutants, copy_of

FOLDER = REPOSITORY / ".tox" / "mutation"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser("tests.mutation", description=__doc__)
    parser.add_argument("--since", metavar="REV", help="only lines changed since REV")
    parser.add_argument("--only", metavar="PATH", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--unit", action="store_true", help="run unit tests only")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the results")
    return parser


def changed_lines(root: Path, since: str) -> dict[str, set[int]]:
    """Return the lines of the application that changed since a revision, by file."""
    command = ["git", "diff", "-U0", "--no-color", since, "--", "app"]
    text = subprocess.run(
        command, cwd=root, check=True, capture_output=True, text=True
    ).stdout
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
    changed = changed_lines(REPOSITORY, options.since)
    return [
        one
        for one in mutants
        if changed.get(one.file, set()) & {*range(one.lines[0], one.lines[1] + 1)}
    ]


def try_out(
    copy: Path, options: argparse.Namespace
) -> list[tuple[Mutant, Result]]:
    """Return all chosen mutants with their results."""
    options.folder.mkdir(parents=True, exist_ok=True)
    state = State(options.folder / "results.jsonl")
    results: dict[Mutant, Result] = {}
    mutants = chosen(copy, options)
    coverage = selection.measure_unit_tests(copy, options.folder)
    runner = Runner(copy, state, "unit")
    work = []
    for mutant in mutants:
        tests = coverage.tests(mutant)
        if (result := runner.known(mutant, tests)) is None:
            work.append((mutant, tests))
        else:
            results[mutant] = result
    print(f"unit: {len(results)} known, {len(work)} to try", flush=True)
    for number, (mutant, result) in enumerate(runner.run(work, options.jobs), 1):
        results[mutant] = result
        if not result.is_killed:
            place = f"{mutant.file}:{mutant.lines[0]}"
            print(f"{number} {place}: {mutant.mutation}: {result.status}", flush=True)
    return list(results.items())


def main(arguments: Sequence[str]) -> int:
    """Try mutants out and report them; return the exit status."""
    options = parser().parse_args(arguments)
    with copy_of(REPOSITORY) as copy, suppress(KeyboardInterrupt):
        results = try_out(copy, options)
    killed = sum(result.is_killed for _, result in results)
    print(f"{killed} of {len(results)} mutants are killed")
    return int(killed < len(results))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
