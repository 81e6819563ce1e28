"""Judges stand-ins with one fault each: ``python -m tests.faults [NAME ...]``.

A fault is put into a copy of a stand-in without faults, which is then judged. Exactly
the behaviours in the table must fail, be blocked or not be offered.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.table import (
    SOUND,
    STANDINS,
    Fault,
    Misplaced,
    Outcome,
    read_table,
)
from tests.harness.target.target import REPOSITORY

#: A profile of each stand-in, which shortens the discovery of each run.
PROFILES = {
    "modular": 'app = "app:app"\nschema = "models"\n',
    "factory": 'app = "wsgi:app"\nschema = "models"\n',
}
#: How many faults are tried at once. A run waits for servers half of the time: on two
#: cores a row takes 10 s with five at once, and 12 s with two.
PARALLEL = 4
#: The maximum seconds of one run.
TIMEOUT = 300.0

#: Judges a folder with a profile, writes a report, and returns status and output.
Judge = Callable[[Path, Path, Path], tuple[int, str]]


def contract(folder: Path, profile: Path, report: Path) -> tuple[int, str]:
    """Judge a folder in a new process."""
    command = [sys.executable, "-m", "tests.contract", "--target", str(folder)]
    finished = subprocess.run(
        [*command, "--target-profile", str(profile), "--report", str(report)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
    )
    return finished.returncode, finished.stdout


def try_out(fault: Fault, judge: Judge = contract) -> Outcome:
    """Judge a copy of the stand-in with the fault."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
        folder, report = Path(scratch, fault.into), Path(scratch, "report")
        shutil.copytree(STANDINS / fault.into, folder)
        profile = Path(scratch, "profile.toml")
        profile.write_text(PROFILES[fault.into], encoding="utf-8")
        trouble = ""
        try:
            fault.put_into(folder)
            status, output = judge(folder, profile, report)
            if status not in (0, 1):
                trouble = f"status {status}: {textwrap.shorten(output, 1000)}"
        except (Misplaced, subprocess.TimeoutExpired) as error:
            trouble = str(error)
        seconds = time.monotonic() - begun
        if trouble:
            return Outcome(fault, seconds, trouble=trouble)
        rows = json.loads((report / "behaviours.json").read_text())["behaviours"]
    return Outcome(
        fault,
        seconds,
        {row["id"]: row["outcome"] for row in rows},
        {row["id"]: _reason(row) for row in rows},
    )


def _reason(row: Mapping[str, str]) -> str:
    observed = f"{row['expected']}, but {row['actual']}" if row["actual"] else ""
    return textwrap.shorten(row["reason"] or observed, 300, placeholder=" ...")


def main(
    names: Sequence[str],
    faults: Iterable[Fault] | None = None,
    judge: Judge = contract,
) -> int:
    """Try out all faults, or those whose names contain one of *names*.

    Returns:
        The exit status, 0 if each fault has exactly the effects in the table.
    """
    begun = time.monotonic()
    chosen = [
        fault
        for fault in ([SOUND, *read_table()] if faults is None else faults)
        if not names or any(name in fault.name for name in names)
    ]
    deviations: list[str] = []
    wrong = 0
    with ThreadPoolExecutor(PARALLEL) as pool:
        for outcome in pool.map(lambda fault: try_out(fault, judge), chosen):
            sys.stdout.write(f"{outcome}\n")
            sys.stdout.flush()
            deviations += outcome.deviations
            wrong += bool(outcome.deviations)
    right, seconds = len(chosen) - wrong, time.monotonic() - begun
    sys.stdout.write("".join(f"\n{line}" for line in ["", *deviations]).lstrip("\n"))
    sys.stdout.write(
        f"\n{right} of {len(chosen)} have the listed effects, in {seconds:.0f} s\n"
    )
    return int(wrong > 0 or not chosen)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
