"""The network namespace of a judge, which has only the loopback interface."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.contract.network import WAYS, is_possible, move, only_loopback
from tests.harness.target.target import REPOSITORY

#: Moves to the namespace, then tries to reach an address for documentation.
REACH_OUT = """
import socket
from tests.contract.network import only_loopback
closed = only_loopback()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
    try:
        handle.connect(("192.0.2.1", 9))
        print(closed, "a way out")
    except OSError:
        print(closed, "no way out")
with socket.create_server(("127.0.0.1", 0)) as here:
    socket.create_connection(here.getsockname(), 5).close()
"""


def test_nothing_but_loopback() -> None:
    """Where the system allows a network namespace, only loopback is reachable."""
    run = subprocess.run(
        [sys.executable, "-c", REACH_OUT],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=50,
    )

    possible = any([is_possible(way) for way in WAYS])
    assert (run.returncode, run.stderr) == (0, "")
    assert re.match("True no way out\n$" if possible else "False", run.stdout)


def test_no_way() -> None:
    """If no way to make a namespace is possible, the process stays where it is."""
    assert not only_loopback({"unheard-of": False})


@pytest.mark.parametrize("python", ["/bin/false", "/no/python"])
def test_refused(python: str) -> None:
    """A way that fails in another process is not possible."""
    assert not is_possible("plain", python)


def test_process_of_several_threads() -> None:
    """A multithreaded process cannot move to a user's network namespace."""
    done = Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(done.wait, 10)
        try:
            with pytest.raises(OSError, match="no network namespace"):
                move(with_user=True)
        finally:
            done.set()
