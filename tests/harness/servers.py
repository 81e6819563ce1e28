"""The programs that serve a target."""

import signal
import subprocess
from dataclasses import dataclass

from tests.harness.offered import NotOffered


@dataclass(frozen=True)
class Server:
    """A program that serves a target: its arguments, its ready line, its end."""

    arguments: tuple[str, ...]
    ready: str
    stops_by: int


def flask_server(*more: str) -> Server:
    """Return ``flask run`` on a free port."""
    return Server(
        ("flask", "run", "--port", "0", *more),
        r"Running on (http://127\.0\.0\.1:\d+)",
        signal.SIGINT,
    )


def demand_gunicorn(python: str) -> None:
    """
    Say that there is nothing to judge if gunicorn is not beside *python*.

    :raise NotOffered: it is not
    """
    command = [python, "-c", "import gunicorn"]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise NotOffered("gunicorn is not installed with it")


def gunicorn_server(workers: int, *more: str) -> Server:
    """Return gunicorn on a free port."""
    return Server(
        (
            *("gunicorn", "--bind", "127.0.0.1:0", "--workers", str(workers)),
            *(*more, "harness_probe:app"),
        ),
        r"Listening at: (http://127\.0\.0\.1:\d+)",
        signal.SIGTERM,
    )
