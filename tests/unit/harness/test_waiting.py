"""Waits: they poll, and end at a deadline."""

import time
from itertools import count

import pytest

from tests.harness.waiting import DeadlineExceeded, eventually


def test_first_true_answer() -> None:
    """The first true answer of the condition is returned, and no further one asked."""
    asked = count()

    assert eventually(lambda: next(asked) == 2 and "here") == "here"
    assert next(asked) == 3


def test_deadline() -> None:
    """A condition that stays false ends the wait at its deadline."""
    start = time.monotonic()

    with pytest.raises(DeadlineExceeded, match=r"the bus did not come within 0\.05 s"):
        eventually(lambda: False, within=0.05, what="the bus")

    assert 0.05 <= time.monotonic() - start < 5


def test_tail() -> None:
    """An overdue wait ends its message with the tail that it was given."""
    with pytest.raises(DeadlineExceeded, match="did not come within 0 s\nlast words"):
        eventually(lambda: None, within=0, tail=lambda: "last words")
