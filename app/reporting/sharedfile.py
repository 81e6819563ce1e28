"""A file that several processes append to, and that any of them may rename.

The file itself is the lock. Who holds it may write and rename it; who gets it after a
rename sees that another file has the name now, and turns to that one. So there is no
lock file to lose, and a process that is killed leaves no lock behind.
"""

import contextlib
import os
import stat
from collections.abc import Callable
from io import FileIO

from .locking import Locker, unlock

KEEPS_OPEN = os.name != "nt"
"""Windows renames no open file: there, it is opened for each record."""

_TRIES = 100
"""How often the name may go to yet another file before we write to what we have."""


class SharedFile:
    """The file that has the name `path` now; made, with its folder, when missing.

    For one thread at a time. `complain` hears of what was met and put up with: a file
    that was removed, or that cannot be locked, as on some network file systems.
    """

    def __init__(
        self,
        path: str,
        complain: Callable[[str], None],
        keeps_open: bool = KEEPS_OPEN,
        *,
        lock: Callable[[int], None] | None = None,
        process_id: Callable[[], int] = os.getpid,
    ) -> None:
        self._path = path
        self._complain = complain
        self._keeps_open = keeps_open
        self._lock = lock or Locker().lock
        self._file: FileIO | None = None
        self._process_id = process_id
        self._process = process_id()

    def hold(self) -> int:
        """Wait until this process alone has the file, and return its size in bytes.

        What is no regular file, such as a link to /dev/stdout, has no size; nor has a
        file that another process holds all the time, which is not to be renamed.

        :raise OSError: if it cannot be opened.
        """
        if self._process != self._process_id():
            # A fork shares its parent's open file, and so the parent's lock.
            self.close()
            self._process = self._process_id()
        tries = _TRIES
        while True:
            self._file = self._file or self._open()
            others = False
            try:
                self._lock(self._file.fileno())
            except OSError as error:
                others = isinstance(error, TimeoutError)
                self._complain(f"not locked: {error}")
            status = os.fstat(self._file.fileno())
            tries -= 1
            if not (tries and self._keeps_open) or self._has_the_name(status):
                sized = stat.S_ISREG(status.st_mode) and not others
                return status.st_size if sized else 0
            self.close()

    def append(self, data: bytes) -> None:
        """Write all of `data` at the end of the file that is held, or nothing.

        :raise OSError: if there is no room for all of it.
        """
        assert self._file
        descriptor = self._file.fileno()
        rest = data
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError:
            # A full disk takes the first part: away with it.
            with contextlib.suppress(OSError):
                written = len(data) - len(rest)
                os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
            raise

    def release(self) -> None:
        """Let other processes have the file."""
        if self._file:
            with contextlib.suppress(OSError):
                unlock(self._file.fileno())
            if not self._keeps_open:
                self.close()

    def close(self) -> None:
        """Close the file, and so let others have it; the next `hold` opens it again."""
        if self._file:
            self._file.close()
            self._file = None

    def _has_the_name(self, status: os.stat_result) -> bool:
        try:
            return os.path.samestat(status, os.stat(self._path))
        except FileNotFoundError:
            # Renamed, as in a rotation, it would still have a link.
            if not status.st_nlink:
                self._complain("removed: a new file is begun")
            return False

    def _open(self) -> FileIO:
        try:
            return FileIO(self._path, "a")
        except FileNotFoundError:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            return FileIO(self._path, "a")
