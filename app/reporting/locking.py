"""A lock on an open file that processes share; the system drops it when one dies.

One that is stopped keeps it, so nobody waits for it without end.
"""

import sys
import time
from collections.abc import Callable

WAIT = 1.0
"""Seconds for which a lock is waited for: by far more than a rotation takes."""

_SHORTEST, _LONGEST = 0.00005, 0.001
"""Seconds between two tries."""

if sys.platform == "win32":  # pragma: no cover - not on the systems that measure it
    import msvcrt
    import os

    # Windows locks bytes, and keeps others from reading them: one far behind the end.
    _BYTE = 0x7FFFFFFF

    def _locked(descriptor: int) -> bool:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Let others have the file."""
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _locked(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlock(descriptor: int) -> None:
        """Let others have the file."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class Locker:
    """Locks a file for one writer, who has not all the time in the world."""

    def __init__(
        self,
        wait: float = WAIT,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait = wait
        self._clock = clock
        self._pause = pause
        self._patience = wait

    def lock(self, descriptor: int) -> None:
        """Wait until this process alone holds the file, for `wait` seconds at most.

        Who waited in vain is not made to wait again before the lock was to be had.

        :raise TimeoutError: if another has it all the time.
        """
        if not _locked(descriptor):
            end = self._clock() + self._patience
            pause = _SHORTEST
            while self._clock() < end:
                self._pause(pause)
                if _locked(descriptor):
                    break
                pause = min(2 * pause, _LONGEST)
            else:
                self._patience = 0
                raise TimeoutError("another process holds it")
        self._patience = self._wait
