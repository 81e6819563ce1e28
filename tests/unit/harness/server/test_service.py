"""The programs that serve a target."""

import re

import pytest

from tests.harness.server.service import (
    ServerCommand,
    flask_server,
    gunicorn_server,
)


@pytest.mark.parametrize(
    ("server", "line"),
    [
        pytest.param(flask_server(), " * Running on http://127.0.0.1:4321", id="flask"),
        pytest.param(
            gunicorn_server(2),
            "[INFO] Listening at: http://127.0.0.1:4321 (17)",
            id="gunicorn",
        ),
    ],
)
def test_ready_line(server: ServerCommand, line: str) -> None:
    """The line by which a server says that it is ready tells its address."""
    found = re.search(server.ready, line)

    assert found is not None
    assert found[1] == "http://127.0.0.1:4321"


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(flask_server("--reload"), id="flask"),
        pytest.param(gunicorn_server(2, "--reload"), id="gunicorn"),
    ],
)
def test_more_arguments(server: ServerCommand) -> None:
    """A server takes more arguments."""
    assert "--reload" in server.arguments
