"""A process that is killed while it holds the log's lock and others wait."""

import os
import re
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from threading import Event

import pytest
import requests

from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.server.workers import workers
from tests.harness.waiting import eventually

BACKUPS = 10
WORKERS, KILLED = 4, 2
ROUND = 1_000  # records; as many rounds as needed
WHOLE = re.compile(r"flood (\d) round (\d+) record (\d+) x{80} \[in ")
LOCKS = Path("/proc/locks")


def holders(site: Site) -> set[int]:
    """Return the processes that hold a lock on a log file."""
    files = set()
    for path in site.log.files:
        with suppress(FileNotFoundError):  # the file is being rotated
            files.add(str(path.stat().st_ino))
    held = [line.split() for line in LOCKS.read_text().splitlines()]
    # 1: FLOCK ADVISORY WRITE 2670 08:01:1234 0 EOF; an arrow marks a waiting process.
    return {
        int(line[4])
        for line in held
        if line[1] == "FLOCK" and line[5].rpartition(":")[2] in files
    }


def kill_a_holder(site: Site, candidates: Iterator[int]) -> int:
    """Kill a worker while it holds the log's lock; return its process id."""

    def strike() -> int | None:
        worker = next(candidates)
        os.kill(worker, signal.SIGSTOP)
        status = Path(f"/proc/{worker}/stat")
        eventually(lambda: ") T " in status.read_text(), what="its standstill")
        holds = worker in holders(site)
        os.kill(worker, signal.SIGKILL if holds else signal.SIGCONT)
        return worker if holds else None

    return eventually(strike, what="a worker that has locked the log")


@pytest.mark.slow
@own_only
@behaviour("rotation.killed")
@behaviour("rotation.many-processes")
@pytest.mark.skipif(not LOCKS.exists(), reason="Linux reports who holds a lock")
def test_holder_is_killed(launch: Callable[..., Site]) -> None:
    """After a holder of the log's lock is killed, the others write whole records."""
    site = launch(workers=WORKERS)
    alive = workers(site, WORKERS)

    done = Event()

    def write(flood: int) -> list[tuple[int, int]]:
        """Return what was written, by round and number; "" if the worker was killed."""
        written: list[tuple[int, int]] = []
        while not done.is_set():
            number = len(written) // ROUND
            message = f"flood {flood} round {number} record %d " + "x" * 80
            try:
                site.probe.log("WARNING", message, count=ROUND)
            except requests.ConnectionError:
                return []
            written += [(number, record) for record in range(ROUND)]
        return written

    with ThreadPoolExecutor(WORKERS) as pool:
        floods = [pool.submit(write, flood) for flood in range(WORKERS)]
        try:
            eventually(lambda: site.log.backups, what="a rotation")
            for _ in range(KILLED):
                alive.remove(kill_a_holder(site, cycle(alive)))
        finally:
            done.set()
        written = [flood.result() for flood in floods]
    site.probe.log("WARNING", "after")
    site.log.wait_for("after")

    lines = [line for line in site.log.text.splitlines() if " record " in line]
    found = [WHOLE.search(line) for line in lines]
    kept = defaultdict(list)
    for one in filter(None, found):
        kept[int(one[1])].append((int(one[2]), int(one[3])))
    assert written.count([]) == KILLED
    assert found.count(None) == 0
    assert [kept[each] for each, all_of_it in enumerate(written) if all_of_it] == [
        all_of_it[len(all_of_it) - len(kept[each]) :]
        for each, all_of_it in enumerate(written)
        if all_of_it
    ]
    assert len(found) > 400
    assert len(site.log.backups) == BACKUPS
