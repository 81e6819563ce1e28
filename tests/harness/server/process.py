"""A started program: its output, and its end."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.harness.server.fork_server import ForkedProcess, ForkServer
from tests.harness.waiting import DeadlineExceeded, eventually


def restore_interrupt() -> None:
    """Make SIGINT interrupt this process, and so the processes that it starts.

    A shell starts background commands with SIGINT ignored, which their children
    inherit. Servers that ignore it could not be ended by it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ProcessEnded(AssertionError):
    """A program ended before its expected output came."""


class Process:
    """A program in a process group of its own, with its output in a file.

    The group makes sure that the program's own children end with it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        output: Path,
        fork_server: ForkServer | None = None,
    ) -> None:
        """Start a program.

        Args:
            output: The file that standard output and standard error are appended to.
            fork_server: Forks the program, which has to be ``python -m ...``.
        """
        self._output = output
        with output.open("ab") as sink:
            self._start = sink.tell()
            self._popen: subprocess.Popen[bytes] | ForkedProcess
            if fork_server is not None:
                self._popen = ForkedProcess(
                    fork_server, command[2:], cwd=cwd, env=env, output=output
                )
                return
            self._popen = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._popen.pid

    @property
    def output(self) -> str:
        """Everything that this process has printed so far."""
        with self._output.open("rb") as file:
            file.seek(self._start)
            return file.read().decode(errors="replace")

    def tail(self, lines: int = 25) -> str:
        """Return the last lines of the output, for failure messages."""
        last = self.output.splitlines()[-lines:]
        return "\n".join(["--- last lines of its output ---", *last])

    @property
    def status(self) -> int | None:
        """The exit status, negative after a signal, None while the process runs."""
        return self._popen.poll()

    def wait_for(self, pattern: str, within: float = 10.0) -> re.Match[str]:
        """Wait up to *within* seconds for output and return the first match.

        Raises:
            ProcessEnded: The process ended without it.
        """

        def search() -> re.Match[str] | None:
            ended = self.status  # read first, as its last output still counts
            found = re.search(pattern, self.output, re.MULTILINE)
            if found is None and ended is not None:
                raise ProcessEnded(f"ended with status {ended}\n{self.tail()}")
            return found

        return eventually(
            search, within=within, what=f"output {pattern!r}", tail=self.tail
        )

    def wait(self, within: float = 10.0) -> int:
        """Wait up to *within* seconds for the end and return the exit status."""
        eventually(
            lambda: self.status is not None,
            within=within,
            what="the end of the process",
            tail=self.tail,
        )
        return self._popen.wait()

    def send(self, number: int) -> None:
        """Send a signal to the process, if it still runs.

        SIGINT goes to the whole group, as Ctrl-C does in a terminal.
        """
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGINT:
                os.killpg(self.pid, number)
            else:
                self._popen.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, within: float = 10.0) -> int:
        """End the process by a signal, and kill its group after *within* seconds.

        Returns:
            The exit status.
        """
        if self.status is None:
            self.send(number)
            with contextlib.suppress(DeadlineExceeded):
                self.wait(within)
        return self.kill()

    def kill(self) -> int:
        """Kill the whole group and return the exit status."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._popen.wait()
