"""``python -m tests.harness.contract.faults [NAME ...]``: faults, one at a time.

Each is put into a stand-in that has none. Exactly the behaviours that it breaks may
fail then: one that fails besides is a false alarm, one that holds is blind.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.harness.target import REPOSITORY

STANDINS = REPOSITORY / "tests" / "standins"
TABLE = STANDINS / "faults.toml"
#: What the stand-in is known to be, so that not every run has to find it out.
PROFILE = 'app = "app:app"\nschema = "models"\n'
ABREAST = 2


@dataclass(frozen=True)
class Fault:
    """One change of one file, and the ids of the behaviours that it breaks."""

    name: str
    file: str
    find: str
    replace: str
    breaks: frozenset[str]

    def put_into(self, folder: Path) -> None:
        """Make the change, which has to be possible at exactly one place."""
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.find) != 1:
            count = text.count(self.find)
            raise SystemExit(f"{self.name}: {self.file} has it {count} times")
        path.write_text(text.replace(self.find, self.replace), encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """What a run said of a faulty stand-in."""

    fault: Fault
    failed: frozenset[str]
    #: What it printed, if it could not judge.
    trouble: str = ""

    @property
    def is_right(self) -> bool:
        """Whether exactly the right behaviours failed."""
        return not self.trouble and self.failed == self.fault.breaks

    def __str__(self) -> str:
        alarms = sorted(self.failed - self.fault.breaks)
        blind = sorted(self.fault.breaks - self.failed)
        told = [
            *([f"false alarm: {', '.join(alarms)}"] if alarms else []),
            *(
                [f"not noticed: {', '.join(blind)}"]
                if blind and not self.trouble
                else []
            ),
            *([self.trouble] if self.trouble else []),
        ]
        return f"{'ok' if self.is_right else 'WRONG':6}{self.fault.name}" + "".join(
            f"\n      {line}" for line in told
        )


def read_table(path: Path = TABLE) -> list[Fault]:
    """Return the faults of the table."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [Fault(**{**row, "breaks": frozenset(row["breaks"])}) for row in rows]


def try_out(fault: Fault) -> Outcome:
    """Judge the stand-in with *fault* in it."""
    with tempfile.TemporaryDirectory(prefix="fault-") as scratch:
        folder, report = Path(scratch, "modular"), Path(scratch, "report")
        shutil.copytree(STANDINS / "modular", folder)
        fault.put_into(folder)
        profile = Path(scratch, "profile.toml")
        profile.write_text(PROFILE, encoding="utf-8")
        finished = subprocess.run(
            [
                *(sys.executable, "-m", "tests.harness.contract"),
                *("--target", str(folder), "--target-profile", str(profile)),
                *("--report", str(report)),
            ],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        if finished.returncode not in (0, 1):
            return Outcome(fault, frozenset(), finished.stdout[-1500:])
        rows = json.loads((report / "behaviours.json").read_text())["behaviours"]
        failed = frozenset(row["id"] for row in rows if row["outcome"] == "failed")
        return Outcome(fault, failed)


def main(names: Sequence[str], faults: Iterable[Fault] | None = None) -> int:
    """Try the faults out, all or those whose name has one of *names* in it."""
    chosen = [
        fault
        for fault in (read_table() if faults is None else faults)
        if not names or any(name in fault.name for name in names)
    ]
    right = 0
    with ThreadPoolExecutor(ABREAST) as pool:
        for outcome in pool.map(try_out, chosen):
            sys.stdout.write(f"{outcome}\n")
            sys.stdout.flush()
            right += outcome.is_right
    sys.stdout.write(f"{right} of {len(chosen)} faults break what they should\n")
    return int(right != len(chosen) or not chosen)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
