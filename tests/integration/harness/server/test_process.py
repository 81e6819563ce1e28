"""A started program: its output, its deadlines, and how it ends."""

import signal
import socket
from collections.abc import Callable

import pytest

from tests.harness.server.process import Process, ProcessEnded
from tests.harness.waiting import DeadlineExceeded, eventually

Start = Callable[..., Process]

#: Prints a line, and then runs until it is ended.
ENDLESS = ("import signal", "print('on', flush=True)", "signal.pause()")


def test_output_of_an_earlier_process(python: Start) -> None:
    """The output of a process leaves out what the file contained before."""
    python("print('earlier')").wait()
    process = python("print('later')")
    process.wait()

    assert process.output == "later\n"


def test_undecodable_output(python: Start) -> None:
    """Output that is not UTF-8 is shown as replacement characters."""
    process = python(r"import os; os.write(1, b'caf\xe9')")
    process.wait()

    assert process.output == "caf\N{REPLACEMENT CHARACTER}"


def test_last_output(python: Start) -> None:
    """Output right before the end of a process can be waited for."""
    process = python("print('done')")
    process.wait()

    assert process.wait_for("done")[0] == "done"


def test_process_that_ends_without_the_output(python: Start) -> None:
    """Waiting for output of a process that ends fails with its last output."""
    process = python("raise SystemExit('no such module')")

    with pytest.raises(ProcessEnded, match=r"status 1\n.*\nno such module"):
        process.wait_for("Running")


def test_output_that_does_not_come(python: Start) -> None:
    """Waiting for output fails at the deadline with the last output."""
    process = python(*ENDLESS)
    process.wait_for("on")

    with pytest.raises(
        DeadlineExceeded, match=r"'Running' did not come within 0 s\n.*\non"
    ):
        process.wait_for("Running", within=0)


def test_process_that_does_not_end(python: Start) -> None:
    """Waiting for the end of a process fails at the deadline with its last output."""
    process = python(*ENDLESS)
    process.wait_for("on")

    with pytest.raises(DeadlineExceeded, match=r"the end of the process .*\n.*\non"):
        process.wait(within=0)


def test_process_that_ignores_its_signal(python: Start) -> None:
    """A process that ignores its signal is killed at the deadline."""
    process = python("import signal", "signal.signal(15, signal.SIG_IGN)", *ENDLESS)
    process.wait_for("on")

    assert process.stop(signal.SIGTERM, within=0.01) == -signal.SIGKILL


def test_stopping_an_ended_process(python: Start) -> None:
    """Stopping a process that has ended returns its status."""
    process = python("raise SystemExit(3)")
    process.wait()

    assert process.stop() == 3


def test_children_end_too(python: Start) -> None:
    """The children of a process end with it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = python(
            "import os, signal, socket",
            f"held = socket.create_connection({server.getsockname()})",
            "os.fork() and print('on', flush=True)",
            "signal.pause()",
        )
        process.wait_for("on")
        connection, _ = server.accept()

        process.stop()

        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""  # both have closed it


def test_interrupt_reaches_the_group(python: Start) -> None:
    """SIGINT reaches the children of a process, as Ctrl-C does in a terminal."""
    process = python(
        "import os, signal",
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})",
        "os.fork() and print('on', flush=True)",
        "signal.sigwait({signal.SIGINT})",
        "os.write(1, b'interrupted\\n')",
    )
    process.wait_for("^on")

    process.send(signal.SIGINT)

    eventually(lambda: process.output.count("interrupted\n") == 2)


def test_signal_to_an_ended_process(python: Start) -> None:
    """A signal to a process that has ended is not an error."""
    process = python()
    process.wait()

    process.send(signal.SIGINT)

    assert process.status == 0
