"""A lock on a file, for which nobody waits without end."""

from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

from app.reporting.locking import WAIT, Locker, unlock
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock


@pytest.fixture
def file(tmp_path: Path) -> Iterator[FileIO]:
    """A file to lock."""
    with FileIO(tmp_path / "file", "a") as file:
        yield file


@pytest.fixture
def held(tmp_path: Path) -> Iterator[FileIO]:
    """The same file, as one opened it who holds its lock."""
    with FileIO(tmp_path / "file", "a") as held:
        Locker().lock(held.fileno())
        yield held


@pytest.fixture
def locker(clock: Clock) -> Locker:
    """Locks files on the test's clock, on which alone time is spent."""
    return Locker(clock=clock, pause=clock.pass_)


def test_free_lock(locker: Locker, file: FileIO, clock: Clock) -> None:
    """A lock that is free is taken without a pause."""
    before = clock.now
    locker.lock(file.fileno())

    assert clock.now == before


@behaviour("log.locked")
def test_held_for_ever(
    locker: Locker, file: FileIO, held: FileIO, clock: Clock
) -> None:
    """For a lock that another does not let go, the wait is bounded."""
    end = clock.now + WAIT
    with pytest.raises(TimeoutError):
        locker.lock(file.fileno())

    assert end <= clock.now < end + 0.1


@behaviour("log.locked")
def test_no_second_wait(
    locker: Locker, file: FileIO, held: FileIO, clock: Clock
) -> None:
    """Once it was waited for in vain, the next tries do not wait."""
    with pytest.raises(TimeoutError):
        locker.lock(file.fileno())
    before = clock.now
    with pytest.raises(TimeoutError):
        locker.lock(file.fileno())

    assert clock.now == before


def test_waits_again(locker: Locker, file: FileIO, held: FileIO, clock: Clock) -> None:
    """Once it was to be had again, it is waited for again."""
    with pytest.raises(TimeoutError):
        locker.lock(file.fileno())
    unlock(held.fileno())
    locker.lock(file.fileno())
    unlock(file.fileno())
    Locker().lock(held.fileno())
    before = clock.now
    with pytest.raises(TimeoutError):
        locker.lock(file.fileno())

    assert clock.now >= before + WAIT


def test_let_go(file: FileIO, held: FileIO) -> None:
    """Who waits has the lock when the other lets it go."""
    Locker(pause=lambda seconds: unlock(held.fileno())).lock(file.fileno())

    with pytest.raises(TimeoutError):
        Locker(wait=0).lock(held.fileno())
