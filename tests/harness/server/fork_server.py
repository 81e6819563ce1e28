"""Programs forked from a warm interpreter: the start of a site costs half as much."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.harness.waiting import eventually

PROGRAM = Path(__file__).with_name("fork_server_program.py")

#: How the variables begin that an interpreter, or the C library, reads only once.
AT_START = ("PYTHON", "LANG", "LC_", "LD_", "TZ")


class ForkServer:
    """A warm interpreter, and the programs that were forked from it."""

    def __init__(self, env: Mapping[str, str], imported: Sequence[str]) -> None:
        """Start it with *env*; it imports those of *imported* that are installed."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._server = subprocess.Popen(
                [
                    *(sys.executable, str(PROGRAM), str(theirs.fileno())),
                    *(name for name in imported if find_spec(name.partition(".")[0])),
                ],
                env=dict(env),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._lock = threading.Lock()
        with ours:
            self._lines = ours.makefile("rw", encoding="utf-8")

    def ask(self, request: dict[str, Any]) -> int | None:
        """Return the answer to *request*."""
        with self._lock:
            print(json.dumps(request), file=self._lines, flush=True)
            answer: int | None = json.loads(self._lines.readline())
            return answer

    def close(self) -> None:
        """End the interpreter; programs that still run go on."""
        self._lines.close()
        self._server.wait(10)


class ForkedProcess:
    """A forked program, used as a `subprocess.Popen` is."""

    def __init__(
        self,
        fork_server: ForkServer,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        output: Path,
    ) -> None:
        """Start ``python -m ARGUMENTS``, its output (both streams) added to a file."""
        sink = (str(output), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        pid = fork_server.ask(
            {
                "start": {
                    "arguments": list(arguments),
                    "cwd": str(cwd),
                    "env": dict(env),
                    "streams": [(os.devnull, os.O_RDONLY), sink, sink],
                }
            }
        )
        assert pid is not None
        self.pid = pid
        self.returncode: int | None = None
        self._fork_server = fork_server

    def poll(self) -> int | None:
        """Return the exit status (negative: ended by that signal), or None."""
        if self.returncode is None:
            self.returncode = self._fork_server.ask({"status": self.pid})
        return self.returncode

    def wait(self) -> int:
        """Return the exit status, once the program has ended."""
        eventually(lambda: self.poll() is not None, what=f"the end of {self.pid}")
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the program, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.Signals(number))


def startup_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return what of *env* an interpreter reads when it starts, and never again."""
    return {
        name: value
        for name, value in env.items()
        if name.startswith(AT_START) and name != "PYTHONPATH"
    }
