"""A started program that serves a target: Flask's own server, or gunicorn."""

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.harness.capabilities import NotOffered
from tests.harness.probe.client import Probe
from tests.harness.server.process import Process, ProcessEnded
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import eventually


@dataclass(frozen=True)
class ServerCommand:
    """A program that serves a target: its arguments, its ready line, its end."""

    arguments: tuple[str, ...]
    ready: str
    stop_signal: int


def flask_server(*more: str) -> ServerCommand:
    """Return ``flask run`` on a free port."""
    return ServerCommand(
        ("flask", "run", "--port", "0", *more),
        r"Running on (http://127\.0\.0\.1:\d+)",
        signal.SIGINT,
    )


def require_gunicorn(python: str) -> None:
    """
    Say that there is nothing to judge if gunicorn is not beside *python*.

    :raise NotOffered: it is not
    """
    command = [python, "-c", "import gunicorn"]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise NotOffered("gunicorn is not installed with it")


def gunicorn_server(workers: int, *more: str) -> ServerCommand:
    """Return gunicorn on a free port."""
    return ServerCommand(
        (
            *("gunicorn", "--bind", "127.0.0.1:0", "--workers", str(workers)),
            *(*more, "harness_probe:app"),
        ),
        r"Listening at: (http://127\.0\.0\.1:\d+)",
        signal.SIGTERM,
    )


class NotStarted(AssertionError):
    """The target did not start; the message ends with its own last words."""


@dataclass
class Service:
    """
    A target, served with one configuration from a folder of its own.

    :param env: what the server's environment has besides the target's own
    :param probed: whether the probe is in the process
    :param cwd: the current directory; None: the copy of the target
    """

    workplace: Workplace
    server: ServerCommand
    env: Mapping[str, str]
    probed: bool = True
    cwd: Path | None = None

    def __post_init__(self) -> None:
        #: Where it is served; a restart may change that.
        self.url = ""
        self.probe = Probe(lambda: self.url, self.workplace.state)
        self._process: Process | None = None

    @property
    def folder(self) -> Path:
        """The scratch folder of this service."""
        return self.workplace.folder

    @property
    def code(self) -> Path:
        """The copy of the target that runs."""
        return self.workplace.code

    def start(self, within: float = 40.0, answer_within: float = 40.0) -> None:
        """
        Start the server and wait until it answers.

        :param within: seconds until it says that it runs
        :param answer_within: seconds from then until it answers
        """
        self._process = self.workplace.run(
            *self.server.arguments,
            output=self.folder / "output.txt",
            env=self.env,
            probed=self.probed,
            cwd=self.cwd,
        )
        try:
            self.url = self._process.wait_for(self.server.ready, within)[1]
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
        """All that the server has printed, its standard error included."""
        return self.process.output

    def stop(self, within: float = 10.0) -> int:
        """End the server as its user does (Ctrl-C, SIGTERM); return the status."""
        return self.process.stop(self.server.stop_signal, within)

    def kill(self) -> None:
        """End the server without asking."""
        self.process.kill()

    def restart(self) -> None:
        """End the server and start it again, on the same data and log."""
        self.stop()
        self.start()
