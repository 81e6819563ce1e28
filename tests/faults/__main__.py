"""Try out faults, one at a time: ``python -m tests.faults [NAME ...]``.

Each fault is put into a copy of a sound stand-in, which is then judged. Exactly the
behaviours that the table lists must fail, be blocked or not be offered.
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

#: What each stand-in is known to be, so that not every run has to find it out.
PROFILES = {
    "modular": 'app = "app:app"\nschema = "models"\n',
    "factory": 'app = "wsgi:app"\nschema = "models"\n',
}
#: How many faults are tried at once: the cores of the smallest machines that run this.
ABREAST = 2
#: The maximum seconds of one run.
PATIENCE = 300.0

#: Judges a folder with a profile and writes a report; returns status and output.
Judge = Callable[[Path, Path, Path], tuple[int, str]]


def contract(folder: Path, profile: Path, report: Path) -> tuple[int, str]:
    """Judge *folder* in a new process."""
    command = [sys.executable, "-m", "tests.contract", "--target", str(folder)]
    finished = subprocess.run(
        [*command, "--target-profile", str(profile), "--report", str(report)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    return finished.returncode, finished.stdout


def try_out(fault: Fault, judge: Judge = contract) -> Outcome:
    """Judge a copy of the stand-in with *fault* in it."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
        folder, report = Path(scratch, fault.into), Path(scratch, "report")
        shutil.copytree(STANDINS / fault.into, folder)
        profile = Path(scratch, "profile.toml")
        profile.write_text(PROFILES[fault.into], encoding="utf-8")
        trouble = ""
        try:
            fault.put_into(folder)
            status, said = judge(folder, profile, report)
            if status not in (0, 1):
                trouble = f"status {status}: {textwrap.shorten(said, 1000)}"
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
    seen = f"{row['expected']}, but {row['actual']}" if row["actual"] else ""
    return textwrap.shorten(row["reason"] or seen, 300, placeholder=" ...")


def main(
    names: Sequence[str],
    faults: Iterable[Fault] | None = None,
    judge: Judge = contract,
) -> int:
    """Try out the faults, or those whose name contains one of *names*.

    Returns:
        The exit status, 0 if each fault breaks exactly what the table lists.
    """
    begun = time.monotonic()
    chosen = [
        fault
        for fault in ([SOUND, *read_table()] if faults is None else faults)
        if not names or any(name in fault.name for name in names)
    ]
    deviations: list[str] = []
    wrong = 0
    with ThreadPoolExecutor(ABREAST) as pool:
        for outcome in pool.map(lambda fault: try_out(fault, judge), chosen):
            sys.stdout.write(f"{outcome}\n")
            sys.stdout.flush()
            deviations += outcome.deviations
            wrong += bool(outcome.deviations)
    right, seconds = len(chosen) - wrong, time.monotonic() - begun
    sys.stdout.write("".join(f"\n{line}" for line in ["", *deviations]).lstrip("\n"))
    sys.stdout.write(
        f"\n{right} of {len(chosen)} break what they should, in {seconds:.0f} s\n"
    )
    return int(wrong > 0 or not chosen)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
