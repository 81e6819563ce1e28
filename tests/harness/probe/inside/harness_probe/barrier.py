"""Makes requests wait for each other just before a statement."""

import os
import re
import threading
import time

PAUSE = 0.005
DEADLINE = 10.0


def wait(state, statement):
    """Hold this request until enough requests have arrived, at most 10 seconds."""
    barrier = state.barrier()
    if barrier is None or not re.search(barrier["matching"], statement, re.I | re.S):
        return
    arrivals = state.path("arrived")
    mark = f"{os.getpid()}-{threading.get_ident()}"
    with open(os.path.join(arrivals, mark), "w", encoding="utf-8"):
        pass
    deadline = time.monotonic() + DEADLINE
    while len(os.listdir(arrivals)) < barrier["count"] and time.monotonic() < deadline:
        time.sleep(PAUSE)
