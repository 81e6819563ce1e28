"""A started program that serves a target: Flask's own server, or gunicorn."""

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.probe.client import Probe
from tests.harness.server.process import Process, ProcessEnded
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import eventually


@dataclass(frozen=True)
class ServerCommand:
    """The command of a server: its arguments, its ready line, its stop signal."""

    #: The arguments after ``python -m``.
    arguments: tuple[str, ...]
    #: A pattern of the output of a server that is ready; its first group is the URL.
    ready: str
    stop_signal: int


def flask_server(*more: str) -> ServerCommand:
    """Return ``flask run`` on a free port, with more arguments."""
    return ServerCommand(
        ("flask", "run", "--port", "0", *more),
        r"Running on (http://127\.0\.0\.1:\d+)",
        signal.SIGINT,
    )


def gunicorn_server(workers: int, *more: str) -> ServerCommand:
    """Return gunicorn on a free port, with more arguments."""
    return ServerCommand(
        (
            *("gunicorn", "--bind", "127.0.0.1:0", "--workers", str(workers)),
            *(*more, "harness_probe:app"),
        ),
        r"Listening at: (http://127\.0\.0\.1:\d+)",
        signal.SIGTERM,
    )


class NotStarted(AssertionError):
    """The target did not start; the message ends with its last lines of output."""


@dataclass
class Service:
    """A target, served with one configuration from a folder of its own.

    Attributes:
        env: Environment variables in addition to the target's own.
        probed: Whether the probe is in the process.
        cwd: The current directory, by default the copy of the target.
    """

    workplace: Workplace
    server: ServerCommand
    env: Mapping[str, str]
    probed: bool = True
    cwd: Path | None = None

    def __post_init__(self) -> None:
        #: The URL of the site, which a restart may change.
        self.url = ""
        self.probe = Probe(lambda: self.url, self.workplace.state)
        self._process: Process | None = None

    @property
    def folder(self) -> Path:
        """The scratch folder of this service."""
        return self.workplace.folder

    @property
    def code(self) -> Path:
        """The copy of the target that is served."""
        return self.workplace.code

    def start(self, within: float = 40.0, answer_within: float = 40.0) -> None:
        """Start the server and wait until it answers.

        Args:
            within: Seconds until the server reports that it is ready.
            answer_within: Seconds from then until it answers the probe.
        """
        self._port_file.unlink(missing_ok=True)
        self._process = self.workplace.run(
            *self.server.arguments,
            output=self.folder / "output.txt",
            env=self.env,
            probed=self.probed,
            cwd=self.cwd,
        )
        try:
            self.url = eventually(
                self._reported_url,
                within=within,
                what=f"output {self.server.ready!r}",
                tail=self._process.tail,
            )
            if self.probed:
                eventually(
                    lambda: self._answers(answer_within),
                    within=answer_within,
                    what="an answer of the server",
                    tail=self._process.tail,
                )
        except AssertionError as error:
            self.kill()
            raise NotStarted(f"the target did not start: {error}") from None

    @property
    def _port_file(self) -> Path:
        return self.workplace.state / "port.txt"

    def _reported_url(self) -> str:
        """Return the URL that the server prints or listens on, "" until it does.

        Raises:
            ProcessEnded: The server ended without one.
        """
        ended = self.process.status  # read first, as its last output still counts
        if found := re.search(self.server.ready, self.output, re.MULTILINE):
            return found[1]
        # What the target does to logging may keep the server from printing anything.
        if self._port_file.exists():
            return f"http://127.0.0.1:{self._port_file.read_text()}"
        if ended is not None:
            raise ProcessEnded(f"ended with status {ended}\n{self.process.tail()}")
        return ""

    def _answers(self, within: float) -> bool:
        if not self.running:
            raise ProcessEnded(f"it ended\n{self.process.tail()}")
        return self.probe.answers(within)

    @property
    def process(self) -> Process:
        """The server's process."""
        if self._process is None:
            raise NotStarted("the site was not started")
        return self._process

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._process is not None and self._process.status is None

    @property
    def output(self) -> str:
        """Everything that the server has printed to either stream."""
        return self.process.output

    def stop(self, within: float = 10.0) -> int:
        """Stop the server as its user does and return the exit status."""
        return self.process.stop(self.server.stop_signal, within)

    def kill(self) -> None:
        """Kill the server."""
        self.process.kill()

    def restart(self) -> None:
        """Stop the server and start it again on the same data and log."""
        self.stop()
        self.start()
