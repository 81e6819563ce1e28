"""Fixtures for tests of the harness."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.process import Process
from tests.unit.harness.scripted import Scripted, served


@pytest.fixture
def pytester(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """Run pytest inside a test, without a search of all objects at its end (0.1 s)."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:unraisableexception")
    return pytester


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A served site of fixed answers."""
    with served() as site:
        yield site


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
