"""One started program: what it prints, what it gets, and how it ends."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.server.process import Process, ProcessEnded
from tests.harness.waiting import DeadlineExceeded, eventually

Start = Callable[..., Process]

#: Goes on until it is ended, after it has said so.
ENDLESS = ("import signal", "print('on', flush=True)", "signal.pause()")


def test_output(python: Start) -> None:
    """Both streams of a process are one output."""
    process = python(
        "import sys", "print('one', flush=True)", "print('two', file=sys.stderr)"
    )
    process.wait()

    assert process.output == "one\ntwo\n"


def test_output_is_its_own(python: Start) -> None:
    """A process that appends to an earlier one's file does not show what was there."""
    python("print('earlier')").wait()
    process = python("print('later')")
    process.wait()

    assert process.output == "later\n"


def test_output_of_any_bytes(python: Start) -> None:
    """Output that is not UTF-8 is shown with replacement signs."""
    process = python(r"import os; os.write(1, b'caf\xe9')")
    process.wait()

    assert process.output == "caf\N{REPLACEMENT CHARACTER}"


def test_tail(python: Start) -> None:
    """The tail is the last lines of the output, under a heading."""
    process = python("print(*range(9), sep='\\n')")
    process.wait()

    assert process.tail(2) == "--- last lines of its output ---\n7\n8"


def test_environment(tmp_path: Path) -> None:
    """A process has the environment that it was given, and no other."""
    process = Process(
        [sys.executable, "-S", "-c", "import os; print(sorted(os.environ))"],
        cwd=tmp_path,
        env={"LC_ALL": "C", "ONLY": "this"},
        output=tmp_path / "output.txt",
    )
    process.wait()

    assert process.output == "['LC_ALL', 'ONLY']\n"


def test_wait_for_output(python: Start) -> None:
    """Output that was waited for is returned as the match of its pattern."""
    process = python("print('Running on port 4321', flush=True)", *ENDLESS)

    assert process.wait_for(r"port (\d+)$")[1] == "4321"


def test_wait_for_output_of_an_ended_process(python: Start) -> None:
    """What a process printed just before its end counts."""
    process = python("print('done')")
    process.wait()

    assert process.wait_for("done")[0] == "done"


def test_wait_for_output_ends_with_the_process(python: Start) -> None:
    """A process that ends before it prints what is awaited is told with its words."""
    process = python("raise SystemExit('no such module')")

    with pytest.raises(ProcessEnded, match=r"status 1\n.*\nno such module"):
        process.wait_for("Running")


def test_wait_for_output_in_vain(python: Start) -> None:
    """Output that does not come in time is told with what came instead."""
    process = python(*ENDLESS)
    process.wait_for("on")

    with pytest.raises(
        DeadlineExceeded, match=r"'Running' did not come within 0 s\n.*\non"
    ):
        process.wait_for("Running", within=0)


def test_status(python: Start) -> None:
    """The exit status is that of the program."""
    assert python("raise SystemExit(3)").wait() == 3


def test_wait_in_vain(python: Start) -> None:
    """A process that does not end in time is told with its last words."""
    process = python(*ENDLESS)
    process.wait_for("on")

    with pytest.raises(DeadlineExceeded, match=r"the end of the process .*\n.*\non"):
        process.wait(within=0)


def test_stop(python: Start) -> None:
    """A stopped process ends by the signal that it is asked with."""
    process = python(*ENDLESS)
    process.wait_for("on")

    assert process.stop(signal.SIGTERM) == -signal.SIGTERM


def test_stop_at_the_deadline(python: Start) -> None:
    """A process that does not heed its signal is killed at the deadline."""
    process = python("import signal", "signal.signal(15, signal.SIG_IGN)", *ENDLESS)
    process.wait_for("on")

    assert process.stop(signal.SIGTERM, within=0.01) == -signal.SIGKILL


def test_stop_an_ended_process(python: Start) -> None:
    """Stopping a process that has ended tells its status."""
    process = python("raise SystemExit(3)")
    process.wait()

    assert process.stop() == 3


def test_children_end_too(python: Start) -> None:
    """What a process has started itself ends with it."""
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
            assert connection.recv(1) == b""  # the last that held it is gone


def test_interrupt_reaches_the_group(python: Start) -> None:
    """Ctrl-C reaches what a process has started, as in a terminal."""
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
    """A signal to a process that has ended is nobody's, and no error."""
    process = python()
    process.wait()

    process.send(signal.SIGINT)

    assert process.status == 0


def test_pid(python: Start) -> None:
    """The process id is that of the group, too."""
    process = python(*ENDLESS)

    assert os.getpgid(process.pid) == process.pid
