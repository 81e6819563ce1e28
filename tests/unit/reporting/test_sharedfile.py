"""A file that several processes append to and rename."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.reporting.locking import Locker
from app.reporting.sharedfile import SharedFile
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually


@pytest.fixture
def complaints() -> list[str]:
    """What was met and put up with."""
    return []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "file"


@pytest.fixture
def shared(path: Path, complaints: list[str]) -> Iterator[SharedFile]:
    """The file as one of its writers has it."""
    shared = SharedFile(str(path), complaints.append)
    yield shared
    shared.close()


@pytest.fixture
def other(path: Path, complaints: list[str]) -> Iterator[SharedFile]:
    """The same file as another writer has it."""
    other = SharedFile(str(path), complaints.append)
    yield other
    other.close()


def write(shared: SharedFile, data: bytes) -> int:
    """Append as a writer does; return the size before."""
    size = shared.hold()
    shared.append(data)
    shared.release()
    return size


def held_by(shared: SharedFile) -> threading.Thread:
    """A thread that waits until it has the file."""
    thread = threading.Thread(target=shared.hold)
    thread.start()
    return thread


def test_size(shared: SharedFile) -> None:
    """Who holds the file knows its size in bytes."""
    assert [write(shared, "ä".encode()), write(shared, b"b")] == [0, 2]


def test_size_of_others(shared: SharedFile, other: SharedFile) -> None:
    """What others wrote counts, too."""
    write(other, b"12345")

    assert write(shared, b"6") == 5


@behaviour("rotation.many-processes")
def test_one_at_a_time(shared: SharedFile, other: SharedFile) -> None:
    """While one has the file, another waits; it goes on when it is released."""
    shared.hold()
    waiting = held_by(other)
    waiting.join(0.02)
    waited = waiting.is_alive()
    shared.release()
    waiting.join(5)

    assert waited
    assert not waiting.is_alive()


@behaviour("rotation.many-processes")
def test_renamed(shared: SharedFile, other: SharedFile, path: Path) -> None:
    """Who finds the file renamed writes to the one that has its name now."""
    write(shared, b"old")
    path.rename(path.with_suffix(".1"))
    write(other, b"new ")
    write(shared, b"newer")

    assert path.read_bytes() == b"new newer"
    assert path.with_suffix(".1").read_bytes() == b"old"


@behaviour("rotation.many-processes")
def test_renamed_while_waiting(
    shared: SharedFile, other: SharedFile, path: Path
) -> None:
    """Who waited for a file that was renamed meanwhile turns to the new one."""
    write(other, b"")
    shared.hold()
    waiting = held_by(other)
    path.rename(path.with_suffix(".1"))
    shared.close()
    waiting.join(5)
    other.append(b"new")

    assert path.read_bytes() == b"new"


@behaviour("rotation.many-processes")
def test_fork(path: Path, complaints: list[str]) -> None:
    """A fork does not share its parent's lock, but waits for it."""
    processes = [1]
    parents: list[int] = []
    lock = Locker().lock

    def lock_and_note(descriptor: int) -> None:
        if not parents:
            parents.append(os.dup(descriptor))
        lock(descriptor)

    shared = SharedFile(
        str(path),
        complaints.append,
        lock=lock_and_note,
        process_id=lambda: processes[0],
    )
    shared.hold()
    processes[0] = 2
    waiting = held_by(shared)
    waiting.join(0.02)
    waited = waiting.is_alive()
    os.close(parents[0])
    waiting.join(5)
    shared.close()

    assert waited
    assert not waiting.is_alive()


def test_no_locks(path: Path, complaints: list[str]) -> None:
    """Where files cannot be locked, that is told, and they are written without."""

    def refuse(descriptor: int) -> None:
        raise OSError("no locks available")

    shared = SharedFile(str(path), complaints.append, lock=refuse)
    write(shared, b"x")
    shared.close()

    assert path.read_bytes() == b"x"
    assert complaints == ["not locked: no locks available"]


@behaviour("log.locked")
def test_lock_waited_for_in_vain(path: Path, complaints: list[str]) -> None:
    """What another holds for long is written to, and has no size to rename it for."""

    def wait(descriptor: int) -> None:
        raise TimeoutError("another process holds it")

    shared = SharedFile(str(path), complaints.append, lock=wait)
    sizes = [write(shared, b"x") for _ in range(2)]
    shared.close()

    assert path.read_bytes() == b"xx"
    assert sizes == [0, 0]
    assert set(complaints) == {"not locked: another process holds it"}


def test_name_that_never_stays(path: Path, complaints: list[str]) -> None:
    """Where the name never stays with one file, there is an end to trying."""
    backup = path.with_suffix(".1")

    def rename(descriptor: int) -> None:
        path.replace(backup)

    shared = SharedFile(str(path), complaints.append, lock=rename)
    write(shared, b"x")
    shared.close()

    assert backup.read_bytes() == b"x"


@behaviour("log.removed")
def test_removed(shared: SharedFile, path: Path, complaints: list[str]) -> None:
    """A file that is removed is begun anew, and that is told."""
    write(shared, b"old")
    path.unlink()
    write(shared, b"new")

    assert path.read_bytes() == b"new"
    assert complaints == ["removed: a new file is begun"]


@behaviour("rotation.many-processes")
def test_renamed_is_not_removed(
    shared: SharedFile, path: Path, complaints: list[str]
) -> None:
    """A file that is renamed is begun anew without a word."""
    write(shared, b"old")
    path.rename(path.with_suffix(".1"))
    write(shared, b"new")

    assert path.read_bytes() == b"new"
    assert complaints == []


def open_handles(path: Path) -> int:
    """How often this process has the file open."""
    count = 0
    for name in os.listdir("/dev/fd"):
        with contextlib.suppress(OSError):  # that of the listing itself
            count += os.path.samestat(os.fstat(int(name)), path.stat())
    return count


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "not-kept"])
def test_kept_open(path: Path, complaints: list[str], kept: bool) -> None:
    """A file is closed when it is released, unless it is to be kept open."""
    shared = SharedFile(str(path), complaints.append, keeps_open=kept)
    write(shared, b"x")

    assert open_handles(path) == kept
    shared.close()


@behaviour("log.simultaneous-start")
def test_folder_made_by_several(tmp_path: Path, complaints: list[str]) -> None:
    """Several writers that start at once all find, or make, the folder."""
    path = tmp_path / "a" / "b" / "file"
    start = threading.Barrier(8)

    def run() -> None:
        shared = SharedFile(str(path), complaints.append)
        start.wait(5)
        write(shared, b"x")
        shared.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert eventually(path.read_bytes) == b"x" * 8
