"""A lock on a file, with a timeout."""

from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path
from types import ModuleType

import pytest

from app.reporting import file_lock
from app.reporting.file_lock import TIMEOUT, FileLock, unlock
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock


@pytest.fixture
def clock(patch_clock: Callable[[ModuleType], Clock]) -> Clock:
    """The clock of the lock."""
    return patch_clock(file_lock)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[int]:
    """The descriptor of a file to lock."""
    with FileIO(tmp_path / "file", "a") as file:
        yield file.fileno()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[int]:
    """A second descriptor of the same file, which holds the lock."""
    with FileIO(tmp_path / "file", "a") as held:
        FileLock().acquire(held.fileno())
        yield held.fileno()


def test_free_lock(clock: Clock, file: int) -> None:
    """A free lock is acquired without a pause."""
    FileLock().acquire(file)

    assert clock.now == 1000


@behaviour("log.locked")
def test_timeout(clock: Clock, file: int, held: int) -> None:
    """A lock that is not released is waited for until the timeout."""
    with pytest.raises(TimeoutError):
        FileLock().acquire(file)

    assert 1000 + TIMEOUT <= clock.now < 1000 + TIMEOUT + 0.1


@behaviour("log.locked")
def test_no_second_wait(clock: Clock, file: int, held: int) -> None:
    """After a timeout, the next attempts do not wait."""
    lock = FileLock()
    with pytest.raises(TimeoutError):
        lock.acquire(file)
    before = clock.now
    with pytest.raises(TimeoutError):
        lock.acquire(file)

    assert clock.now == before


def test_waits_again(clock: Clock, file: int, held: int) -> None:
    """After the lock was free once, the next attempt waits again."""
    lock = FileLock()
    with pytest.raises(TimeoutError):
        lock.acquire(file)
    unlock(held)
    lock.acquire(file)
    unlock(file)
    FileLock().acquire(held)
    before = clock.now
    with pytest.raises(TimeoutError):
        lock.acquire(file)

    assert clock.now >= before + TIMEOUT


def test_released_in_time(
    clock: Clock, file: int, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is released during the wait is acquired."""

    def sleep(seconds: float) -> None:
        unlock(held)
        clock.now += seconds

    monkeypatch.setattr(clock, "sleep", sleep)
    FileLock().acquire(file)

    with pytest.raises(TimeoutError):
        FileLock().acquire(held)
