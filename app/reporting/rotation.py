"""The rotating log file: thresholds exact to the byte, for any number of processes."""

import contextlib
import logging
import os
import sys

from .sharedfile import KEEPS_OPEN, SharedFile


class SharedRotatingFileHandler(logging.Handler):
    """Appends records to a file of fewer than `maxBytes` bytes, and keeps its backups.

    A record that would bring the file to `maxBytes` or more goes to a new file; one
    that is that long itself is written whole, to a file of its own. `.1` is the newest
    backup, `.<backupCount>` the oldest. Names and thresholds are those of the standard
    RotatingFileHandler, which counts characters and knows of no other process.

    Nothing is opened before the first record. A failure of the disk is told on stderr,
    once for each cause, and stops nothing.
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        maxBytes: int,
        backupCount: int,
        keeps_open: bool = KEEPS_OPEN,
    ) -> None:
        super().__init__()
        self.baseFilename = os.path.abspath(filename)
        self.maxBytes = maxBytes
        self.backupCount = backupCount
        self._keeps_open = keeps_open
        self._complaints: set[str] = set()
        self._file = SharedFile(self.baseFilename, self._complain, keeps_open)

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record`, whole or not at all."""
        try:
            text = f"{self.format(record)}\n"
            self._write(text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            self._complain(f"not written: {error}")
        except Exception:  # a handler must not raise
            self.handleError(record)
        else:
            self._forget("not written", "removed")

    def close(self) -> None:
        """Close the file. A later record opens it again."""
        self.acquire()
        try:
            self._file.close()
        finally:
            self.release()
        super().close()

    def doRollover(self) -> None:
        """Rename the file to `.1` and each backup to the next; the oldest goes.

        :raise OSError: if something cannot be looked at or renamed. This leaves a gap
            in the numbers at most, as does a process killed on the way; the next
            rollover fills it, so that no backup goes before its time.
        """
        names = [self.baseFilename]
        names += [f"{self.baseFilename}.{n}" for n in range(1, self.backupCount + 1)]
        gaps = (n for n, name in enumerate(names) if n and _is_free(name))
        for n in range(next(gaps, self.backupCount), 0, -1):
            os.replace(names[n - 1], names[n])

    def _write(self, line: bytes) -> None:
        try:
            size = self._file.hold()
            while size and size + len(line) >= self.maxBytes:
                rolled_over = self._roll_over()
                size = self._file.hold()
                if not rolled_over:
                    break
            self._file.append(line)
        finally:
            self._file.release()

    def _roll_over(self) -> bool:
        if not self._keeps_open:
            self._file.release()
        try:
            self.doRollover()
        except OSError as error:
            self._complain(f"not rotated: {error}")
            return False
        self._forget("not rotated")
        return True

    def _complain(self, complaint: str) -> None:
        if complaint not in self._complaints and sys.stderr:
            self._complaints.add(complaint)
            with contextlib.suppress(OSError, ValueError):
                print(f"{self.baseFilename}: {complaint}", file=sys.stderr, flush=True)

    def _forget(self, *kinds: str) -> None:
        """Let what is over be told again when it returns."""
        self._complaints = {
            told for told in self._complaints if not told.startswith(kinds)
        }


def _is_free(name: str) -> bool:
    # os.path.lexists() takes a file that cannot be looked at for none.
    try:
        os.lstat(name)
    except FileNotFoundError:
        return True
    return False
