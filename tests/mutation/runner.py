"""Tries mutants out, on copies of the checkout, and keeps the results."""

import json
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.mutation import operators, templates
from tests.mutation.operators import Mutant
from tests.mutation.selection import digest, environment

KILLED, SURVIVED, TIMEOUT, NO_COVERAGE = "Killed", "Survived", "Timeout", "NoCoverage"
#: Seconds for the tests of one mutant, and for one of them.
DEADLINES = {
    "unit": (300.0, 10.0),
    "integration": (900.0, 60.0),
    "postgres": (900.0, 60.0),
}


@dataclass(frozen=True)
class Result:
    """What the tests of one stage said of a mutant."""

    key: str
    stage: str
    status: str
    killers: list[dict[str, Any]] = field(default_factory=list)
    tests: int = 0
    seconds: float = 0.0
    proof: str = ""
    """The hash of the tests that the status depends on."""
    every: bool = False
    """Whether all tests were run, even after the first that failed."""

    @property
    def is_killed(self) -> bool:
        """Whether a test noticed the mutant."""
        return self.status in (KILLED, TIMEOUT)


def all_mutants(root: Path, only: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants of the application, or of files whose path starts so."""
    found: list[Mutant] = []
    for path in sorted((root / "app").rglob("*")):
        file = path.relative_to(root).as_posix()
        if path.suffix in (".py", ".html") and file.startswith(tuple(only) or ""):
            finder = operators if path.suffix == ".py" else templates
            found += finder.mutants(file, path.read_bytes())
    return found


class State:
    """The results of all runs: a file of JSON lines, of which the last one counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._results: dict[tuple[str, str], Result] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                result = Result(**json.loads(line))
                self._results[result.key, result.stage] = result

    def get(self, key: str, stage: str) -> Result | None:
        """Return the last result of a mutant."""
        return self._results.get((key, stage))

    def add(self, result: Result) -> None:
        """Keep a result."""
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            self._results[result.key, result.stage] = result
            file.write(f"{json.dumps(asdict(result))}\n")


@contextmanager
def copy_of(root: Path) -> Iterator[Path]:
    """Copy what git knows or would add of a checkout, for as long as the block runs."""
    command = ["git", "ls-files", "-coz", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
    with TemporaryDirectory(prefix="mutation-") as folder:
        for name in listed.decode().split("\0"):
            if name and (root / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, Path(folder) / name)
        yield Path(folder)


class UnsoundTests(Exception):
    """The tests do not pass without a mutant."""


class Worker:
    """A process that runs tests on mutants in a copy of its own."""

    def __init__(self, copy: Path) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.worker", str(theirs.fileno())],
            cwd=copy,
            env=environment(),
            pass_fds=[theirs.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        with ours:
            self._lines = ours.makefile("rw", encoding="utf-8")

    def run(
        self, file: str, source: str, tests: Sequence[str], stage: str, maxfail: int = 1
    ) -> dict[str, Any]:
        """Run tests while *file* has other contents, and return the response."""
        deadline, timeout = DEADLINES[stage]
        request = {"file": file, "source": source, "tests": tests, "maxfail": maxfail}
        request |= {"deadline": deadline, "timeout": timeout}
        request |= {"postgres": stage == "postgres"}
        print(json.dumps(request), file=self._lines, flush=True)
        response: dict[str, Any] = json.loads(self._lines.readline())
        return response

    def close(self) -> None:
        """End the process."""
        self._lines.close()
        self._process.wait(30)


class Runner:
    """Tries mutants out by the tests of one stage."""

    def __init__(
        self, copy: Path, state: State, stage: str, every: bool = False
    ) -> None:
        """Set whether to run every test, or to stop at the first that fails."""
        self._every = every
        self._copy = copy
        self._state = state
        self._stage = stage
        self._digests: dict[frozenset[str], str] = {}

    def key(self, mutant: Mutant) -> str:
        """Return what identifies a mutant of this version of its module."""
        return f"{mutant.file} {digest(self._copy, [mutant.file])} {mutant.mutation}"

    def known(self, mutant: Mutant, tests: Sequence[str]) -> Result | None:
        """Return the earlier result, if the tests that it depends on are the same."""
        result = self._state.get(self.key(mutant), self._stage)
        if result is None or result.proof != self._proof(tests, result.killers):
            return None
        return result if result.every or not (self._every and result.killers) else None

    def _proof(self, tests: Sequence[str], killers: Sequence[dict[str, Any]]) -> str:
        names = [one["test"] for one in killers] or tests
        files = frozenset(name.partition("::")[0] for name in names)
        if files not in self._digests:
            self._digests[files] = digest(self._copy, sorted(files))
        return self._digests[files]

    def check(self, worker: Worker, tests: Sequence[str]) -> None:
        """Raise `UnsoundTests` if a test fails without a mutant."""
        file = "pyproject.toml"
        source = (self._copy / file).read_text(encoding="utf-8")
        response = worker.run(file, source, tests, self._stage)
        if response["status"] != 0:
            raise UnsoundTests(f"without a mutant: {response}")

    def try_out(self, worker: Worker, mutant: Mutant, tests: Sequence[str]) -> Result:
        """Run the tests on a mutant, and keep the result."""
        begun = time.monotonic()
        source = mutant.apply((self._copy / mutant.file).read_bytes()).decode()
        response: dict[str, Any] = {"status": 5, "failed": []}
        if tests:
            maxfail = 0 if self._every else 1
            response = worker.run(mutant.file, source, tests, self._stage, maxfail)
        status = {0: SURVIVED, 5: NO_COVERAGE, "timeout": TIMEOUT}.get(
            response["status"], KILLED
        )
        result = Result(
            self.key(mutant),
            self._stage,
            status,
            response["failed"],
            len(tests),
            round(time.monotonic() - begun, 2),
            self._proof(tests, response["failed"]),
            self._every,
        )
        self._state.add(result)
        return result

    def run(
        self, work: Sequence[tuple[Mutant, list[str]]], jobs: int
    ) -> Iterator[tuple[Mutant, Result]]:
        """Try mutants out in several processes, and yield the results as they come.

        Raises:
            UnsoundTests: A test fails without a mutant.
        """
        if not work:
            return
        waiting = iter(work)
        with ExitStack() as stack:
            workers: queue.SimpleQueue[Worker] = queue.SimpleQueue()
            for _ in range(jobs):
                copy = stack.enter_context(TemporaryDirectory(prefix="mutation-"))
                shutil.copytree(self._copy, copy, dirs_exist_ok=True)
                worker = Worker(Path(copy))
                stack.callback(worker.close)
                workers.put(worker)
            # All passed when they were measured, but that was not in a fork.
            for test in [tests[0] for _, tests in work if tests][:1]:
                self.check(worker, [test])

            def try_next(one: tuple[Mutant, list[str]]) -> tuple[Mutant, Result]:
                worker = workers.get()
                try:
                    return one[0], self.try_out(worker, *one)
                finally:
                    workers.put(worker)

            # `map` reads all of its input at once, so it gets the work in parts.
            with ThreadPoolExecutor(jobs) as pool:
                while part := list(islice(waiting, 10 * jobs)):
                    yield from pool.map(try_next, part)
