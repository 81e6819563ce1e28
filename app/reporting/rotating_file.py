"""The rotating log file: limits exact to the byte, for any number of processes.

The file itself is the lock. The process that holds it may write and rename it; one that
gets the lock after a rename notices that another file has the name now, and opens that
one. So no lock file can get lost, and a killed process leaves no lock behind.
"""

import contextlib
import logging
import os
import stat
import sys
import time
from io import FileIO

LOCK_TIMEOUT = 1.0  # seconds; a rotation takes a few milliseconds
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.00005, 0.001  # seconds between two attempts

KEEP_OPEN = os.name != "nt"
"""Windows renames no open file, so there the file is opened for each record."""

_ATTEMPTS = 100
"""How often the file may be renamed before a record is written to the renamed one."""


class SharedRotatingFileHandler(logging.Handler):
    """A handler that appends to a file of less than `maxBytes`, and keeps backups.

    A record that would bring the file to `maxBytes` or more goes to a new file; one of
    that size is written whole, to a separate file. ``.1`` is the newest backup. The
    standard RotatingFileHandler has the same arguments and limits, but counts
    characters and is made for one process.

    Nothing is opened before the first record. A failure is printed to stderr, once for
    each cause, and raises nothing.
    """

    def __init__(
        self, filename: str | os.PathLike[str], maxBytes: int, backupCount: int
    ) -> None:
        super().__init__()
        self.baseFilename = os.path.abspath(filename)
        self.maxBytes = maxBytes
        self.backupCount = backupCount
        self._file_lock = FileLock()
        self._file: FileIO | None = None
        self._process = os.getpid()
        self._complaints: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, whole or not at all."""
        try:
            text = f"{self.format(record)}\n"
            self._write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._complain(f"not written: {error}")
        except Exception:  # handlers must not raise
            self.handleError(record)
        else:
            self._forget_complaints("not written", "removed")

    def close(self) -> None:
        """Close the file; the next record opens it again."""
        self.acquire()
        try:
            self._close_file()
        finally:
            self.release()
        super().close()

    def _write(self, line: bytes) -> None:
        try:
            file, size = self._locked_file()
            while size and size + len(line) >= self.maxBytes:
                rotated = self._rotate()
                file, size = self._locked_file()
                if not rotated:
                    break
            _append(file, line)
        finally:
            if self._file:
                unlock(self._file.fileno())
                if not KEEP_OPEN:
                    self._close_file()

    def _locked_file(self) -> tuple[int, int]:
        """Wait until this process alone has the file; return descriptor and size.

        The size is 0 for what must not be renamed: a device such as /dev/stdout, and a
        file that another process keeps locked.
        """
        if self._process != os.getpid():
            # A forked process shares its parent's open file, and so its lock.
            self._close_file()
            self._process = os.getpid()
        attempts = 0
        while True:
            self._file = self._file or open_file(self.baseFilename, "a")
            descriptor = self._file.fileno()
            may_rename = True
            try:
                self._file_lock.acquire(descriptor)
            except OSError as error:  # a timeout, or a network drive without locks
                may_rename = not isinstance(error, TimeoutError)
                self._complain(f"not locked: {error}")
            status = os.fstat(descriptor)
            attempts += 1
            if attempts == _ATTEMPTS or not KEEP_OPEN or self._has_the_name(status):
                break
            self._close_file()
        may_rename = may_rename and stat.S_ISREG(status.st_mode)
        return descriptor, status.st_size if may_rename else 0

    def _has_the_name(self, status: os.stat_result) -> bool:
        try:
            return os.path.samestat(status, os.stat(self.baseFilename))
        except FileNotFoundError:
            if not status.st_nlink:  # a rotated file still has a name
                self._complain("removed: a new file was created")
            return False

    def _rotate(self) -> bool:
        """Rename the file to .1 and each backup to the next number.

        A failure, like a process killed in the middle, leaves at most a gap in the
        numbers. The next rotation fills it, so that no backup is dropped too early.
        """
        if not KEEP_OPEN:
            self._close_file()
        numbers = range(1, self.backupCount + 1)
        names = [self.baseFilename, *(f"{self.baseFilename}.{n}" for n in numbers)]
        try:
            gaps = (n for n in numbers if _is_missing(names[n]))
            for n in range(next(gaps, self.backupCount), 0, -1):
                os.replace(names[n - 1], names[n])
        except OSError as error:
            self._complain(f"not rotated: {error}")
            return False
        self._forget_complaints("not rotated")
        return True

    def _close_file(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _complain(self, complaint: str) -> None:
        if complaint not in self._complaints and sys.stderr:
            self._complaints.add(complaint)
            with contextlib.suppress(OSError, ValueError):
                print(f"{self.baseFilename}: {complaint}", file=sys.stderr, flush=True)

    def _forget_complaints(self, *prefixes: str) -> None:
        if self._complaints:
            kept = {one for one in self._complaints if not one.startswith(prefixes)}
            self._complaints = kept


def open_file(path: str, mode: str) -> FileIO:
    """Open a file, and create its folder if that is missing."""
    try:
        return FileIO(path, mode)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return FileIO(path, mode)


def _append(descriptor: int, data: bytes) -> None:
    """Write all of `data`, or nothing if the disk is too full."""
    rest = data
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        with contextlib.suppress(OSError):
            written = len(data) - len(rest)
            os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
        raise


def _is_missing(name: str) -> bool:
    # os.path.lexists() also returns False for a file that must not be looked at.
    try:
        os.lstat(name)
    except FileNotFoundError:
        return True
    return False


class FileLock:
    """A lock on an open file that processes share, taken on one file after the other.

    The system releases it when its process dies. A process that is stopped keeps it.

    After a timeout it does not wait again until the lock was free once: a process that
    holds it for long delays others by one timeout, not by one for each record.
    """

    def __init__(self) -> None:
        self._timeout = LOCK_TIMEOUT

    def acquire(self, descriptor: int) -> None:
        """Lock the file; wait for at most LOCK_TIMEOUT seconds.

        Raises:
            TimeoutError: Another process holds the lock.
            OSError: The file system has no locks.
        """
        end = time.monotonic() + self._timeout
        pause = _SHORTEST_PAUSE
        while not _try_lock(descriptor):
            if time.monotonic() >= end:
                self._timeout = 0.0
                raise TimeoutError("another process holds it")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        self._timeout = LOCK_TIMEOUT


if sys.platform == "win32":  # pragma: no cover - coverage is measured elsewhere
    import msvcrt

    # Windows locks bytes, which nobody else can read then: one far behind the end.
    _BYTE = 0x7FFFFFFF

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Release the lock, if it is held and the file system has locks."""
        with contextlib.suppress(OSError):
            os.lseek(descriptor, _BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Release the lock, if it is held and the file system has locks."""
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
