"""The log directory of a site, read as a list of records."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.harness.logs.records import LINE, Record, parse
from tests.harness.waiting import DEADLINE, eventually


@dataclass(frozen=True)
class _Bookmark:
    """A position in the log that survives a rollover: a file and a byte offset."""

    inode: int
    offset: int
    #: Up to 64 bytes before the offset, as a new file may reuse the inode.
    before: bytes

    @classmethod
    def at_end_of(cls, path: Path) -> "_Bookmark":
        data = path.read_bytes()
        return cls(path.stat().st_ino, len(data), data[-64:])

    def is_in(self, path: Path) -> bool:
        if path.stat().st_ino != self.inode:
            return False
        with path.open("rb") as file:
            file.seek(max(0, self.offset - 64))
            return file.read(min(64, self.offset)) == self.before


class LogFiles:
    """The current log file and its numbered backups, in one directory."""

    def __init__(
        self, directory: Path, name: str = "microblog.log", line: re.Pattern[str] = LINE
    ) -> None:
        self.directory = directory
        self.current = directory / name
        self._line = line
        #: Seconds to wait for a record by default.
        self.timeout = DEADLINE
        #: Is called with the text that `forget` leaves out from then on.
        self.on_forget: Callable[[str], object] = lambda text: None
        self._bookmark: _Bookmark | None = None

    @property
    def backups(self) -> list[Path]:
        """The backups, the newest (.1) first."""
        numbered = {
            int(path.suffix[1:]): path
            for path in self.directory.glob(f"{self.current.name}.*")
            if path.suffix[1:].isdigit()
        }
        return [numbered[number] for number in sorted(numbered)]

    @property
    def files(self) -> list[Path]:
        """All files of the log, the oldest first and the current one last."""
        current = [self.current] if self.current.is_file() else []
        return [*reversed(self.backups), *current]

    @property
    def sizes(self) -> dict[str, int]:
        """The size of each file in bytes by name, the oldest first."""
        return {path.name: path.stat().st_size for path in self.files}

    def forget(self) -> None:
        """Leave everything logged so far out of `text` and `records`."""
        self.on_forget(self.text)
        if self.current.is_file():  # unlike a device such as /dev/full
            self._bookmark = _Bookmark.at_end_of(self.current)

    @property
    def text(self) -> str:
        """Everything logged since the latest `forget`, in order."""
        files = self.files
        start = 0
        for number, path in enumerate(files):
            if self._bookmark is not None and self._bookmark.is_in(path):
                files, start = files[number:], self._bookmark.offset
                break
        return b"".join(path.read_bytes() for path in files)[start:].decode(
            errors="backslashreplace"
        )

    def records(self) -> list[Record]:
        """Return the records since the latest `forget`, each with its stack trace."""
        return parse(self.text, self._line)

    def wait_for(
        self, wanted: str | Callable[[Record], bool], within: float | None = None
    ) -> Record:
        """Wait for a record and return it.

        Args:
            wanted: A part of the message, or a condition on the record.
            within: The deadline in seconds, by default `timeout`.
        """
        matches = (
            wanted if callable(wanted) else lambda record: wanted in record.message
        )
        return eventually(
            lambda: next(filter(matches, self.records()), None),
            within=self.timeout if within is None else within,
            what=f"a record {wanted!r}",
            tail=lambda: f"--- the log ---\n{self.text[-3000:]}",
        )
