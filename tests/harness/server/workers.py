"""The worker processes of a site: their ids, and how to pause some of them."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.server.service import Service
from tests.harness.waiting import eventually


def workers(site: Service, count: int) -> set[int]:
    """Return the process ids of all workers, once each of them has answered."""
    seen: set[int] = set()

    def all_seen() -> bool:
        seen.add(site.probe.pid())
        return len(seen) == count

    eventually(all_seen, what="an answer of each worker")
    return seen


@contextmanager
def stopped(processes: set[int]) -> Iterator[None]:
    """Pause processes while the block runs, so that another one answers."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
