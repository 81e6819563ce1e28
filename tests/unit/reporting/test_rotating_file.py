"""The rotating log file: its limits, concurrent writers, failures, and its lock."""

import contextlib
import io
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import FileIO
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.reporting import rotating_file
from app.reporting.rotating_file import (
    LOCK_TIMEOUT,
    FileLock,
    SharedRotatingFileHandler,
    unlock,
)
from tests.harness.logs.files import LogFiles
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually
from tests.unit.reporting.conftest import Clock, MakeRecord
from tests.unit.unprivileged import unprivileged

resource = pytest.importorskip("resource", reason="Windows has no such limit")


LIMIT = 100
"""The size in bytes that a file of the handler under test stays below."""

Write = Callable[[str], object]
NewHandler = Callable[..., SharedRotatingFileHandler]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of the log, in a folder that does not exist yet."""
    return tmp_path / "logs" / "microblog.log"


@pytest.fixture
def files(path: Path) -> LogFiles:
    """The files of the log."""
    return LogFiles(path.parent)


@pytest.fixture
def new_handler(path: Path) -> Iterator[NewHandler]:
    """A function that makes handlers for the log with ten backups."""
    handlers = []

    def new() -> SharedRotatingFileHandler:
        handlers.append(SharedRotatingFileHandler(path, LIMIT, 10))
        return handlers[-1]

    yield new
    for handler in handlers:
        handler.close()


@pytest.fixture
def handler(new_handler: NewHandler) -> SharedRotatingFileHandler:
    """A handler of the log."""
    return new_handler()


@pytest.fixture
def write(handler: SharedRotatingFileHandler) -> Write:
    """A function that logs a message as a line of its own."""
    return writer(handler)


def writer(handler: logging.Handler) -> Write:
    """Return a function that logs a message with a handler."""
    return lambda message: handler.handle(logging.makeLogRecord({"msg": message}))


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Limit files of this process to a size in bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@behaviour("log.directory-made")
def test_nothing_before_the_first_record(write: Write, path: Path) -> None:
    """File and folder are created by the first record."""
    assert not path.parent.exists()

    write("x")

    assert path.read_text() == "x\n"


@behaviour("log.beside-the-app")
def test_absolute(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path is resolved when the handler is made."""
    monkeypatch.chdir(path.parents[1])
    handler = SharedRotatingFileHandler("logs/microblog.log", LIMIT, 10)
    monkeypatch.chdir("/")

    assert handler.baseFilename == str(path)


@behaviour("rotation.threshold")
@pytest.mark.parametrize(
    ("length", "sizes"),
    [
        (LIMIT - 2, {"microblog.log": LIMIT - 1}),
        (LIMIT - 1, {"microblog.log.1": 50, "microblog.log": 50}),
        (LIMIT, {"microblog.log.1": 50, "microblog.log": 51}),
    ],
    ids=["below", "at", "above"],
)
def test_threshold(
    write: Write, files: LogFiles, length: int, sizes: dict[str, int]
) -> None:
    """A record that would bring the file to the limit goes to a new file."""
    write("a" * 49)
    write("b" * (length - 50))

    assert files.sizes == sizes


@behaviour("rotation.bytes")
@pytest.mark.parametrize(
    ("letter", "size"), [("ä", 2), ("☃", 3), ("𝔘", 4)], ids=["two", "three", "four"]
)
def test_bytes(write: Write, files: LogFiles, letter: str, size: int) -> None:
    """The limit counts bytes, not characters."""
    write("a" * 49)
    write(letter * (-(-49 // size)))

    assert len(files.sizes) == 2


@behaviour("rotation.oversized-record")
def test_oversized(write: Write, files: LogFiles) -> None:
    """A record over the limit is written whole, to a separate file."""
    for message in ("a", "b" * 300, "c"):
        write(message)

    assert list(files.sizes.values()) == [2, 301, 2]


@behaviour("rotation.no-empty-backup")
def test_oversized_first(write: Write, files: LogFiles) -> None:
    """A first record over the limit leaves no empty backup behind."""
    write("a" * 300)

    assert files.sizes == {"microblog.log": 301}


@behaviour("rotation.ten-backups")
@behaviour("rotation.oldest-goes")
@pytest.mark.parametrize("keep_open", [True, False], ids=["posix", "windows"])
def test_ten_backups(
    write: Write, files: LogFiles, keep_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten backups are kept, and older ones are deleted."""
    monkeypatch.setattr(rotating_file, "KEEP_OPEN", keep_open)
    for number in range(20):
        write(f"{number:0>80}")

    assert [int(path.read_text()) for path in files.files] == list(range(9, 20))
    assert list(files.sizes) == [
        *(f"microblog.log.{number}" for number in range(10, 0, -1)),
        "microblog.log",
    ]


@pytest.mark.parametrize("keep_open", [True, False], ids=["posix", "windows"])
def test_kept_open(
    write: Write, path: Path, keep_open: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays open between records, except on Windows."""
    monkeypatch.setattr(rotating_file, "KEEP_OPEN", keep_open)
    write("x")

    assert len(descriptors(path)) == keep_open


def descriptors(path: Path) -> list[int]:
    """Return the descriptors by which this process has a file open."""
    found = []
    for number in map(int, os.listdir("/dev/fd")):
        with contextlib.suppress(OSError):  # that of the listing itself
            if os.path.samestat(os.fstat(number), path.stat()):
                found.append(number)
    return found


@behaviour("rotation.restart-continues")
def test_restart(
    handler: SharedRotatingFileHandler, new_handler: NewHandler, path: Path
) -> None:
    """A new handler appends to the same file."""
    writer(handler)("before")
    handler.close()
    writer(new_handler())("after")

    assert path.read_text() == "before\nafter\n"


def test_again_after_close(
    handler: SharedRotatingFileHandler, write: Write, path: Path
) -> None:
    """A handler that was closed opens the file again."""
    write("before")
    handler.close()
    write("after")

    assert path.read_text() == "before\nafter\n"


MESSAGES = st.lists(
    st.one_of(
        st.text(st.sampled_from("aä☃𝔘"), max_size=20),
        st.integers(37, 43).map(lambda size: "b" * size),
    ),
    max_size=30,
)


def model(messages: list[str]) -> list[bytes]:
    """Return what files of less than 40 bytes, with three backups, should contain."""
    files: list[bytes] = []
    for line in (f"{message}\n".encode() for message in messages):
        if files and len(files[-1] + line) < 40:
            files[-1] += line
        else:
            files.append(line)
    return files[-4:]


@behaviour("rotation.order")
@behaviour("rotation.bytes")
@example(messages=["a", "a"], restarts={1})  # one file, and a restart
@given(messages=MESSAGES, restarts=st.sets(st.integers(0, 29)))
def test_like_the_model(messages: list[str], restarts: set[int]) -> None:
    """The files match a model of rotation, also across restarts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "microblog.log"
        handler = SharedRotatingFileHandler(path, 40, 3)
        for number, message in enumerate(messages):
            if number in restarts:
                handler.close()
                handler = SharedRotatingFileHandler(path, 40, 3)
            writer(handler)(message)
        handler.close()

        backups = [path.with_name(f"microblog.log.{n}") for n in (4, 3, 2, 1)]
        files = [file.read_bytes() for file in (*backups, path) if file.exists()]

    assert files == model(messages)


@behaviour("rotation.many-processes")
def test_two_handlers(write: Write, new_handler: NewHandler, files: LogFiles) -> None:
    """Two handlers of one log follow each other's rotations."""
    write_too = writer(new_handler())
    for number in range(6):
        write(f"{number}a" + "." * 45)
        write_too(f"{number}b" + "." * 45)

    written = [line[:2] for line in files.text.splitlines()]
    assert written == [f"{number}{letter}" for number in range(6) for letter in "ab"]
    assert set(files.sizes.values()) == {96}


@behaviour("rotation.many-processes")
def test_renamed_during_the_wait(write: Write, path: Path) -> None:
    """A record that waited while the file was renamed goes to the new file."""
    write("old")
    with FileIO(path, "a") as other:
        FileLock().acquire(other.fileno())
        thread = threading.Thread(target=write, args=["new"])
        thread.start()
        thread.join(0.02)
        waited = thread.is_alive()
        path.rename(path.with_suffix(".1"))
    thread.join(5)

    assert waited
    assert path.read_text() == "new\n"


@behaviour("rotation.many-processes")
def test_fork(write: Write, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forked process waits for the lock that its parent holds."""
    write("parent")
    [inherited] = descriptors(path)
    parents = os.dup(inherited)
    FileLock().acquire(parents)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    thread = threading.Thread(target=write, args=["child"])
    thread.start()
    thread.join(0.02)
    waited = thread.is_alive()
    os.close(parents)
    thread.join(5)

    assert waited
    assert path.read_text() == "parent\nchild\n"


@behaviour("log.simultaneous-start")
def test_folder_made_by_several(new_handler: NewHandler, path: Path) -> None:
    """Handlers that start at the same time all write to the new folder."""
    start = threading.Barrier(8)

    def run(write: Write) -> None:
        start.wait(5)
        write("x")

    writers = [writer(new_handler()) for _ in range(8)]
    threads = [threading.Thread(target=run, args=[write]) for write in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert eventually(path.read_text) == "x\n" * 8


@behaviour("rotation.killed")
@pytest.mark.parametrize("gap", range(1, 11))
def test_gap(write: Write, files: LogFiles, gap: int) -> None:
    """An interrupted rotation is completed by the next one without losing a backup."""
    for number in range(11):
        write(f"{number:0>80}")
    os.rename(files.current.with_suffix(f".log.{gap}"), files.directory / "saved")
    before = files.text
    write("x" * 80)

    assert files.text == f"{before}{'x' * 80}\n"
    assert len(files.backups) == 10


def test_not_a_file(write: Write, path: Path, files: LogFiles) -> None:
    """A log that is not a regular file is never rotated."""
    path.parent.mkdir()
    path.symlink_to(os.devnull)
    for _ in range(5):
        write("a" * 80)

    assert files.backups == []


@behaviour("log.utf8")
def test_utf8(write: Write, path: Path) -> None:
    """The file is in UTF-8; unencodable characters are escaped."""
    write("grün ☃ \ud800")

    assert path.read_bytes() == "grün ☃ \\ud800\n".encode()


@behaviour("rotation.rename-refused")
@pytest.mark.parametrize("keep_open", [True, False], ids=["posix", "windows"])
def test_rename_refused(
    write: Write,
    files: LogFiles,
    capsys: pytest.CaptureFixture[str],
    keep_open: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that cannot be renamed keeps growing, with one message on stderr."""
    monkeypatch.setattr(rotating_file, "KEEP_OPEN", keep_open)
    for number in range(1, 11):
        (files.directory / f"microblog.log.{number}" / "in the way").mkdir(parents=True)
    for letter in "abc":
        write(letter * 80)

    assert files.current.stat().st_size == 243
    [complaint] = capsys.readouterr().err.splitlines()
    assert complaint.startswith(f"{files.current}: not rotated: ")


@behaviour("rotation.rename-refused")
def test_rename_possible_again(
    write: Write, files: LogFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rotation resumes when it is possible, and a later failure is printed again."""
    blocked = [files.directory / f"microblog.log.{number}" for number in range(1, 11)]
    for folder in blocked:
        (folder / "in the way").mkdir(parents=True)
    write("a" * 80)
    write("b" * 80)
    (blocked[0] / "in the way").rmdir()
    blocked[0].rmdir()
    write("c" * 80)

    assert files.current.read_text() == "c" * 80 + "\n"
    assert blocked[0].read_text() == "a" * 80 + "\n" + "b" * 80 + "\n"

    blocked[0].unlink()
    (blocked[0] / "in the way").mkdir(parents=True)
    write("d" * 80)
    assert len(capsys.readouterr().err.splitlines()) == 2


@behaviour("log.removed")
def test_removed(write: Write, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A removed log is created again, with a message on stderr each time."""
    for _ in range(2):
        write("before")
        path.unlink()
        path.parent.rmdir()
        write("after")
        assert path.read_text() == "after\n"

    complaint = f"{path}: removed: a new file was created\n"
    assert capsys.readouterr().err == 2 * complaint


@behaviour("rotation.many-processes")
def test_renamed_is_not_removed(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log that another process has renamed is created again silently."""
    write("old")
    path.rename(path.with_suffix(".1"))
    write("new")

    assert path.read_text() == "new\n"
    assert capsys.readouterr().err == ""


def test_name_that_never_stays(
    write: Write, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is renamed at every attempt is still written to."""
    backup = path.with_suffix(".1")
    monkeypatch.setattr(
        FileLock, "acquire", lambda self, descriptor: path.replace(backup)
    )
    write("x")

    assert backup.read_text() == "x\n"


@behaviour("log.unwritable")
def test_unwritable(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that cannot be opened is reported on stderr once."""
    path.parent.write_text("a file in place of the folder")
    for message in "abc":
        write(message)

    [complaint] = capsys.readouterr().err.splitlines()
    assert complaint.startswith(f"{path}: not written: ")


@behaviour("log.unwritable")
def test_read_only(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records are written again after write permission is restored."""
    path.parent.mkdir(0o555)
    with unprivileged():
        write("lost")
    path.parent.chmod(0o755)
    write("kept")

    assert path.read_text() == "kept\n"
    [complaint] = capsys.readouterr().err.splitlines()
    assert "Permission denied" in complaint


@behaviour("log.unwritable")
def test_writable_again(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Writing resumes when it is possible, and a later failure is printed again."""
    for _ in range(2):
        path.parent.write_text("a file in place of the folder")
        write("lost")
        path.parent.unlink()
        write("kept")
        assert path.read_text() == "kept\n"
        path.unlink()
        path.parent.rmdir()

    assert capsys.readouterr().err.count("not written") == 2


@pytest.mark.parametrize("closed", [False, True], ids=["none", "closed"])
def test_no_stderr(write: Write, path: Path, closed: bool) -> None:
    """A failure to write raises nothing, even without stderr."""
    path.parent.write_text("a file in place of the folder")
    stderr = io.StringIO()
    stderr.close()
    with redirect_stderr(stderr if closed else None):
        write("lost")

    assert path.parent.is_file()


def test_never_raises(
    handler: SharedRotatingFileHandler,
    path: Path,
    make_record: MakeRecord,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A record that another formatter cannot format is reported on stderr."""
    handler.handle(make_record("%d", "no number"))

    assert "--- Logging error ---" in capsys.readouterr().err
    assert not path.exists()


@behaviour("log.disk-full")
def test_disk_full(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that does not fit on the disk leaves no fragment and one message."""
    write("before")
    with room_for(20):
        for _ in range(3):
            write("a" * 60)

    assert path.read_text() == "before\n"
    complaint = f"{path}: not written: [Errno 27] File too large\n"
    assert capsys.readouterr().err == complaint


@behaviour("log.disk-full")
def test_room_again(write: Write, path: Path) -> None:
    """Records are written again when the disk has room."""
    with room_for(20):
        write("a" * 60)
    write("after")

    assert path.read_text() == "after\n"


def test_no_locks(
    write: Write,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that cannot be locked is written without a lock, with one message."""

    def refuse(self: FileLock, descriptor: int) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    write("x")

    assert path.read_text() == "x\n"
    assert capsys.readouterr().err == f"{path}: not locked: no locks available\n"


@behaviour("log.locked")
def test_locked_by_another(
    write: Write,
    files: LogFiles,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file that another process keeps locked is written to but not renamed."""

    def time_out(self: FileLock, descriptor: int) -> None:
        raise TimeoutError("another process holds it")

    monkeypatch.setattr(FileLock, "acquire", time_out)
    for letter in "ab":
        write(letter * 80)

    assert files.sizes == {"microblog.log": 162}
    complaint = f"{files.current}: not locked: another process holds it\n"
    assert capsys.readouterr().err == complaint


# -- the lock --------------------------------------------------------------------------


@pytest.fixture
def clock(patch_clock: Callable[[ModuleType], Clock]) -> Clock:
    """The clock of the lock."""
    return patch_clock(rotating_file)


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

    assert 1000 + LOCK_TIMEOUT <= clock.now < 1000 + LOCK_TIMEOUT + 0.1


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

    assert clock.now >= before + LOCK_TIMEOUT


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


def test_unlocking_fails(file: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure to unlock the file is ignored."""

    def fail(descriptor: int, operation: int) -> None:
        raise OSError("no locks available")

    monkeypatch.setattr("app.reporting.rotating_file.fcntl.flock", fail)

    unlock(file)
