"""A lock on an open file that processes share, with a timeout.

The system releases it when its process dies. A process that is stopped keeps it.
"""

import sys
import time

TIMEOUT = 1.0  # seconds; a rotation takes a few milliseconds
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.00005, 0.001  # seconds between two attempts

if sys.platform == "win32":  # pragma: no cover - coverage is measured elsewhere
    import msvcrt
    import os

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
        """Release the lock."""
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
        """Release the lock."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """An exclusive lock, taken on one descriptor after the other.

    After a timeout it does not wait again until the lock was free once: a process that
    holds it for long delays others by one timeout, not by one for each record.
    """

    def __init__(self) -> None:
        self._timeout = TIMEOUT

    def acquire(self, descriptor: int) -> None:
        """Lock the file; wait for at most TIMEOUT seconds.

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
        self._timeout = TIMEOUT
