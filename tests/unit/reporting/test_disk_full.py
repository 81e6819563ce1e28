"""A disk without room, for which a limit on the size of files stands in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Write

resource = pytest.importorskip("resource", reason="Windows has no such limit")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow over a size in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@behaviour("log.disk-full")
def test_nothing_torn(write: Write, path: Path) -> None:
    """A record that does not fit leaves no part of itself behind."""
    write("before")
    with room_for(20):
        write("a" * 60)

    assert path.read_text() == "before\n"


@behaviour("log.disk-full")
def test_told_once(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk raises nothing, and is told on stderr once."""
    with room_for(20):
        for _ in range(3):
            write("a" * 60)

    told = f"{path}: not written: [Errno 27] File too large\n"
    assert capsys.readouterr().err == told


@behaviour("log.disk-full")
def test_goes_on(write: Write, path: Path) -> None:
    """When there is room again, records are written again."""
    with room_for(20):
        write("a" * 60)
    write("after")

    assert path.read_text() == "after\n"
