"""The one way in which the suite waits: poll a condition until a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: Default deadline in seconds; generous, as the machine may be busy.
DEADLINE = 10.0
#: Seconds between two polls: short compared with everything that is waited for.
PAUSE = 0.01


class DeadlineExceeded(AssertionError):
    """The condition did not become true before the deadline."""


def eventually(
    condition: Callable[[], T | None],
    *,
    within: float = DEADLINE,
    what: str = "the condition",
    tail: Callable[[], str] | None = None,
) -> T:
    """Poll a condition and return its first true value.

    Args:
        condition: Called at least once, then every 10 ms.
        within: The deadline in seconds.
        what: What is waited for, for the failure message.
        tail: Returns text to append to the failure message, such as the last lines of
            a server's output.

    Raises:
        DeadlineExceeded: The condition was still false at the deadline.
    """
    deadline = time.monotonic() + within
    while not (value := condition()):
        if time.monotonic() >= deadline:
            message = f"{what} did not come within {within:g} s"
            raise DeadlineExceeded(f"{message}\n{tail()}" if tail else message)
        time.sleep(PAUSE)
    return value
