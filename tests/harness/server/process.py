"""One started program: its output, and its end."""

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
    """
    Let SIGINT interrupt this process, and so what it starts.

    A shell that runs a command in the background hands SIGINT down as ignored, and so
    would the command to the servers that it ends by SIGINT.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class ProcessEnded(AssertionError):
    """A program ended before it did what was waited for."""


class Process:
    """
    A program in a process group of its own, its output (both streams) in a file.

    A group, so that what the program started itself ends with it.
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
        """
        Start *command*.

        :param fork_server: forks it, if it is ``python -m ...``; None: it starts cold
        """
        self._output = output
        with output.open("ab") as sink:
            self._from = sink.tell()
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
        """All that this process has printed so far."""
        with self._output.open("rb") as file:
            file.seek(self._from)
            return file.read().decode(errors="replace")

    def tail(self, lines: int = 25) -> str:
        """Return the last *lines* of the output, for messages."""
        last = self.output.splitlines()[-lines:]
        return "\n".join(["--- last lines of its output ---", *last])

    @property
    def status(self) -> int | None:
        """The exit status (negative: ended by that signal); None while it runs."""
        return self._popen.poll()

    def wait_for(self, pattern: str, within: float = 10.0) -> re.Match[str]:
        """Return the first match of *pattern* in the output."""

        def look() -> re.Match[str] | None:
            ended = self.status  # asked first: what it printed at last still counts
            found = re.search(pattern, self.output, re.MULTILINE)
            if found is None and ended is not None:
                raise ProcessEnded(f"ended with status {ended}\n{self.tail()}")
            return found

        return eventually(
            look, within=within, what=f"output {pattern!r}", tail=self.tail
        )

    def wait(self, within: float = 10.0) -> int:
        """Return the exit status, once it has ended by itself."""
        eventually(
            lambda: self.status is not None,
            within=within,
            what="the end of the process",
            tail=self.tail,
        )
        return self._popen.wait()

    def send(self, number: int) -> None:
        """
        Send signal *number* to the process alone, if it still runs.

        SIGINT goes to its whole group, as Ctrl-C does in a terminal.
        """
        with contextlib.suppress(ProcessLookupError):
            if number == signal.SIGINT:
                os.killpg(self.pid, number)
            else:
                self._popen.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, within: float = 10.0) -> int:
        """
        Ask it to end by signal *number*; kill it and its children at the deadline.

        :return: the exit status
        """
        if self.status is None:
            self.send(number)
            with contextlib.suppress(DeadlineExceeded):
                self.wait(within)
        return self.kill()

    def kill(self) -> int:
        """End the whole group at once, without asking."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._popen.wait()
