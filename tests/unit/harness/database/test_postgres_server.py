"""The PostgreSQL server of a run."""

import threading

import pytest

from tests.harness.database.postgres import alone
from tests.harness.waiting import DEADLINE


def test_alone() -> None:
    """While one server is started another one's start waits."""
    pytest.importorskip("fcntl", reason="on Windows no user is made for a server")
    order: list[str] = []

    def second() -> None:
        with alone():
            order.append("second")

    thread = threading.Thread(target=second)
    with alone():
        thread.start()
        thread.join(0.1)  # long enough for one that does not wait
        order.append("first")
    thread.join(DEADLINE)

    assert order == ["first", "second"]
