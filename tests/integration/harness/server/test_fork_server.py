"""Forked programs behave like those started by ``python -m``."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.harness.server.fork_server import ForkServer, startup_environment
from tests.harness.server.process import Process
from tests.harness.waiting import eventually

Start = Callable[..., Process]

ENV = {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}

#: Prints a line, and then runs until it is ended.
ENDLESS = ("import signal", "print('on', flush=True)", "signal.pause()")


@pytest.fixture(scope="module")
def fork_server() -> Iterator[ForkServer]:
    """A fork server that has imported json."""
    with closing(ForkServer(ENV, ["json"])) as fork_server:
        yield fork_server


@pytest.fixture
def program(fork_server: ForkServer, tmp_path: Path) -> Iterator[Start]:
    """Fork or start a program of a few lines; it ends with the test."""
    started: list[Process] = []

    def start(*lines: str, forked: bool = True, env: dict[str, str] | None = None):
        (tmp_path / "program.py").write_text("\n".join(lines))
        process = Process(
            [sys.executable, "-m", "program", "one", "two"],
            cwd=tmp_path,
            env={**ENV, **(env or {})},
            output=tmp_path / f"output-{len(started)}.txt",
            fork_server=fork_server if forked else None,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


@pytest.mark.parametrize(
    "expression",
    [
        "sys.argv",
        "sys.orig_argv[1:]",
        "sorted(os.environ.items())",
        "os.getcwd()",
        "sys.path[:2]",
        "__name__",
        "__package__",
        "__file__",
        "os.getpgrp() == os.getsid(0) == os.getpid()",
        "sys.stdin.read()",
        "signal.getsignal(signal.SIGINT)",
        "signal.getsignal(signal.SIGTERM)",
        "sys.modules['__main__'].__doc__",
        "sorted(os.listdir('/dev/fd'))",
    ],
)
def test_surroundings(program: Start, expression: str) -> None:
    """A forked program finds the same surroundings as a started one."""
    lines = ("import os, signal, sys", f"print({expression})")
    env = {"ONLY": "this", "PYTHONPATH": "/nowhere"}
    started = program(*lines, forked=False, env=env)
    forked = program(*lines, env=env)

    assert (forked.wait(), forked.output) == (started.wait(), started.output)


@pytest.mark.parametrize("own", ["json.py", "json/__init__.py"])
def test_module_of_the_same_name(program: Start, tmp_path: Path, own: str) -> None:
    """A program gets its own module where the fork server has one of that name."""
    (tmp_path / own).parent.mkdir(exist_ok=True)
    (tmp_path / own).write_text("whose = 'its own'")

    forked = program("import json, sys", "print(json.whose, *sys.argv[1:])")

    assert (forked.wait(), forked.output) == (0, "its own one two\n")


@pytest.mark.parametrize(
    "last",
    [
        "raise SystemExit(3)",
        "sys.exit('no such module')",
        "1 / 0",
        "os.kill(os.getpid(), 9)",
        "atexit.register(print, 'at exit')",
        "threading.Timer(0.1, print, ['in a thread']).start()",
    ],
)
def test_end(program: Start, last: str) -> None:
    """A forked program ends with the same status and output as a started one."""
    lines = ("import atexit, os, sys, threading", last)
    started, forked = program(*lines, forked=False), program(*lines)

    assert forked.wait() == started.wait()
    assert forked.output.splitlines()[-1:] == started.output.splitlines()[-1:]


def test_signal_to_an_ended_program(program: Start) -> None:
    """A signal to a forked program that has ended is not an error."""
    process = program()
    process.wait()

    process.send(signal.SIGTERM)

    assert process.status == 0


def test_kill(program: Start) -> None:
    """A forked program is killed together with its children."""
    process = program("import os", "os.fork()", *ENDLESS)
    eventually(lambda: process.output.count("on") == 2)

    assert process.kill() == -signal.SIGKILL


def test_repeated_status(program: Start, fork_server: ForkServer) -> None:
    """The exit status of a program can be asked for repeatedly."""
    process = program("raise SystemExit(3)")
    process.wait()

    assert [fork_server.ask({"status": process.pid}) for _ in range(2)] == [3, 3]


def test_closed_fork_server() -> None:
    """A fork server that was closed takes no more requests."""
    other = ForkServer({}, [])
    other.close()

    with pytest.raises(ValueError, match="closed file"):
        other.ask({"status": os.getpid()})


def test_startup_environment() -> None:
    """Interpreter switches and the locale can only be set when a program starts."""
    env = {"PYTHONDEVMODE": "1", "PYTHONPATH": "x", "LC_ALL": "C", "FLASK_APP": "app"}

    assert startup_environment(env) == {"PYTHONDEVMODE": "1", "LC_ALL": "C"}
