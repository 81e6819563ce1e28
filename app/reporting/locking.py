"""A lock on an open file that processes share; the system drops it when one dies."""

import sys

if sys.platform == "win32":  # pragma: no cover - not on the systems that measure it
    import msvcrt
    import os
    import time

    # Windows locks bytes, and keeps others from reading them: one far behind the end.
    _BYTE = 0x7FFFFFFF
    _RETRY = 0.001  # seconds; LK_LOCK itself would wait a second between its tries

    def lock(descriptor: int) -> None:
        """Wait until this process alone holds the file."""
        while True:
            os.lseek(descriptor, _BYTE, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            except PermissionError:
                time.sleep(_RETRY)
            else:
                return

    def unlock(descriptor: int) -> None:
        """Let others have the file."""
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Wait until this process alone holds the file."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def unlock(descriptor: int) -> None:
        """Let others have the file."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)
