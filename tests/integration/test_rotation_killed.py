"""A process that is killed while it has the log to itself, and others wait for it."""

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
ROUND = 1_000  # records; as many rounds as it takes
WHOLE = re.compile(r"flood (\d) round (\d+) record (\d+) x{80} \[in ")
LOCKS = Path("/proc/locks")


def holders(site: Site) -> set[int]:
    """Return the processes that have locked a file of the log."""
    files = set()
    for path in site.log.files:
        with suppress(FileNotFoundError):  # it is being rotated
            files.add(str(path.stat().st_ino))
    held = [line.split() for line in LOCKS.read_text().splitlines()]
    # 1: FLOCK ADVISORY WRITE 2670 08:01:1234 0 EOF; who waits has an arrow before it.
    return {
        int(line[4])
        for line in held
        if line[1] == "FLOCK" and line[5].rpartition(":")[2] in files
    }


def kill_a_holder(site: Site, candidates: Iterator[int]) -> int:
    """Kill a worker at a moment at which it has locked the log; return which."""

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
@pytest.mark.skipif(not LOCKS.exists(), reason="Linux tells who holds a lock")
def test_holder_is_killed(launch: Callable[..., Site]) -> None:
    """If who has locked the log is killed, the others go on, and no record is torn."""
    site = launch(workers=WORKERS)
    alive = workers(site, WORKERS)

    done = Event()

    def write(flood: int) -> list[tuple[int, int]]:
        """What was written, by round and number; nothing if its worker was killed."""
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
