"""Workers of a site that forks: who they are, and how to let some stand still."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.server.service import Service
from tests.harness.waiting import eventually


def workers(site: Service, count: int) -> set[int]:
    """Return the process ids of all workers, once each of them has answered."""
    seen: set[int] = set()

    def look() -> bool:
        seen.add(site.probe.pid())
        return len(seen) == count

    eventually(look, what="an answer of each worker")
    return seen


@contextmanager
def stopped(processes: set[int]) -> Iterator[None]:
    """Let these processes stand still, so that another one answers."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
