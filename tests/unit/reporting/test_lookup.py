"""Looking up a host's name in time."""

import socket
import threading
from typing import Any

import pytest

from app.reporting.deadline import Deadline
from app.reporting.lookup import look_up
from tests.harness.plugin.behaviour import behaviour


def test_found() -> None:
    """A host's addresses are those that the system knows."""
    known = socket.getaddrinfo("localhost", 25, type=socket.SOCK_STREAM)

    assert look_up("localhost", 25, Deadline(5)) == known


def test_unknown() -> None:
    """A host that is not known is told as the system tells it."""

    def fail(*arguments: Any, **options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(socket.gaierror, match="not known"):
        look_up("nowhere.example", 25, Deadline(5), resolve=fail)


@behaviour("mail.never-blocks")
def test_name_server_that_hangs() -> None:
    """A look-up that is not answered ends in time."""
    over = threading.Event()

    def hang(*arguments: Any, **options: Any) -> None:
        over.wait(5)

    with pytest.raises(TimeoutError):
        look_up("slow.example", 25, Deadline(0.02), resolve=hang)
    over.set()


def test_without_a_thread() -> None:
    """Where no thread starts, as while the interpreter ends, it is looked up here."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    found = look_up("localhost", 25, Deadline(5), start=refuse)

    assert found == look_up("localhost", 25, Deadline(5))
