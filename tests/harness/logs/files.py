"""The log directory of a site, read as a list of records."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.harness.logs.records import LINE, Record, parse
from tests.harness.waiting import DEADLINE, eventually


@dataclass(frozen=True)
class _Mark:
    """A place in the log that survives a rollover: a file, and bytes into it."""

    inode: int
    offset: int
    before: bytes

    def stands_in(self, path: Path) -> bool:
        """Tell whether *path* is the marked file, and not a new one of its inode."""
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
        #: Seconds that one waits for a record.
        self.timeout = DEADLINE
        #: Is told of all that is forgotten.
        self.on_forget: Callable[[str], object] = lambda text: None
        self._mark: _Mark | None = None

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
        """Every file of the log, the oldest first and the current one last."""
        current = [self.current] if self.current.is_file() else []
        return [*reversed(self.backups), *current]

    @property
    def sizes(self) -> dict[str, int]:
        """The bytes of each file by name, the oldest first."""
        return {path.name: path.stat().st_size for path in self.files}

    def forget(self) -> None:
        """Leave out of :attr:`text` and :meth:`records` what is there now."""
        self.on_forget(self.text)
        if self.current.is_file():  # a device such as /dev/full has no end
            data = self.current.read_bytes()
            self._mark = _Mark(
                self.current.stat().st_ino, len(data), data[max(0, len(data) - 64) :]
            )

    @property
    def text(self) -> str:
        """All that was written since :meth:`forget`, in the order of writing."""
        files = self.files
        start = 0
        for number, path in enumerate(files):
            if self._mark is not None and self._mark.stands_in(path):
                files, start = files[number:], self._mark.offset
                break
        return b"".join(path.read_bytes() for path in files)[start:].decode(
            errors="backslashreplace"
        )

    def records(self) -> list[Record]:
        """Return the records since :meth:`forget`, traces tied to their own."""
        return parse(self.text, self._line)

    def wait_for(
        self, wanted: str | Callable[[Record], bool], within: float | None = None
    ) -> Record:
        """Return the first record that has *wanted* in its message (or fulfils it)."""
        fulfils = (
            wanted if callable(wanted) else lambda record: wanted in record.message
        )
        return eventually(
            lambda: next(filter(fulfils, self.records()), None),
            within=self.timeout if within is None else within,
            what=f"a record {wanted!r}",
            tail=lambda: f"--- the log ---\n{self.text[-3000:]}",
        )
