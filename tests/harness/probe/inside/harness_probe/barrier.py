"""Lets requests meet just before a statement: all of them are past its check then."""

import os
import re
import threading
import time

PAUSE = 0.005
DEADLINE = 10.0


def wait(state, statement):
    """Hold this request until as many as were asked for are here, or for 10 seconds."""
    asked = state.barrier()
    if asked is None or not re.search(asked["matching"], statement, re.I | re.S):
        return
    place = state.path("arrived")
    mark = f"{os.getpid()}-{threading.get_ident()}"
    with open(os.path.join(place, mark), "w", encoding="utf-8"):
        pass
    deadline = time.monotonic() + DEADLINE
    while len(os.listdir(place)) < asked["count"] and time.monotonic() < deadline:
        threading.Event().wait(PAUSE)
