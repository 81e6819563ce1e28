"""The one way in which the suite waits: poll, with a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds that one waits if nothing else is said: for a busy machine, too.
DEADLINE = 10.0
#: Seconds between two looks: short beside everything that is waited for.
PAUSE = 0.01


class DeadlineExceeded(AssertionError):
    """What was waited for did not come in time."""


def eventually(
    condition: Callable[[], T | None],
    *,
    within: float = DEADLINE,
    what: str = "the condition",
    tail: Callable[[], str] | None = None,
) -> T:
    """
    Return the first true answer of *condition*, asked for *within* seconds.

    :raise DeadlineExceeded: no true answer came; the message says *what* was awaited
        and ends with *tail*, usually the last lines of a server's output.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (answer := condition()):
        if time.monotonic() >= deadline:
            message = f"{what} did not come within {within:g} s"
            raise DeadlineExceeded(f"{message}\n{tail()}" if tail else message)
        pause.wait(PAUSE)
    return answer
