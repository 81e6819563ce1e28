"""Fixtures for tests of the harness that start processes or servers."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.server.process import Process
from tests.integration.harness.http.scripted_site import ScriptedSite, served


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start Python on a few lines; what still runs is ended with the test."""
    with ExitStack() as stack:

        def start(*lines: str) -> Process:
            process = Process(
                [sys.executable, "-S", "-E", "-c", "\n".join(lines)],
                cwd=tmp_path,
                env={},
                output=tmp_path / "output.txt",
            )
            stack.callback(process.kill)
            return process

        yield start


@pytest.fixture
def scripted() -> Iterator[ScriptedSite]:
    """A served site of fixed answers."""
    with served() as site:
        yield site
