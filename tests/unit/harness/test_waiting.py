"""Waiting polls a condition until a deadline."""

import time
from itertools import count

import pytest

from tests.harness.waiting import DeadlineExceeded, eventually


def test_first_true_value() -> None:
    """The first true value of a condition is returned, and it is not polled again."""
    polls = count()

    assert eventually(lambda: next(polls) == 2 and "here") == "here"
    assert next(polls) == 3


def test_deadline() -> None:
    """Waiting for a condition that stays false fails at the deadline."""
    start = time.monotonic()

    with pytest.raises(DeadlineExceeded, match=r"the bus did not come within 0\.05 s"):
        eventually(lambda: False, within=0.05, what="the bus")

    assert 0.05 <= time.monotonic() - start < 5


def test_tail() -> None:
    """The failure message ends with the tail."""
    with pytest.raises(DeadlineExceeded, match="did not come within 0 s\nlast words"):
        eventually(lambda: None, within=0, tail=lambda: "last words")
