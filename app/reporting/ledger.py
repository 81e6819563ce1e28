"""What the processes of one application know together of the mails they sent.

Without it, each worker of a server would mail an error for itself, and so would each
start of an application that cannot run for long.
"""

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import astuple, dataclass
from io import FileIO
from typing import TypeVar

from .locking import Locker, unlock

T = TypeVar("T")


@dataclass
class Window:
    """A time in which no other mail about errors of one kind is sent."""

    end: float
    """In seconds, as time.time() has them: the same for all processes."""
    held: int = 0
    """How many errors were held back in it."""


Windows = dict[str, Window]
"""The window of each kind of error that was mailed lately."""


class Ledger:
    """The windows, in a file that processes share; in memory where it fails them."""

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        locker: Locker | None = None,
    ) -> None:
        """`path`: a file, made when missing, if its folder is there; None: no file."""
        self._path = path
        self._locker = locker or Locker()
        self._unsaved: Windows = {}

    def update(self, change: Callable[[Windows], T]) -> T:
        """Let `change` see and change the windows, alone; return what it returns."""
        with contextlib.ExitStack() as stack:
            file = self._held(stack)
            windows = self._unsaved if file is None else _read(file) | self._unsaved
            result = change(windows)
            self._unsaved = {} if file and _write(file, windows) else windows
        return result

    def _held(self, stack: contextlib.ExitStack) -> FileIO | None:
        """Return the file, locked until `stack` ends; None if it cannot be had."""
        file = None
        if self._path is not None:
            with contextlib.suppress(OSError):
                file = stack.enter_context(FileIO(self._path, "a+"))
                try:
                    self._locker.lock(file.fileno())
                except TimeoutError:
                    return None
                stack.callback(_let_go, file)
        return file


def _let_go(file: FileIO) -> None:
    # To close it is not enough: a process that was forked meanwhile has it open, too.
    with contextlib.suppress(OSError):
        unlock(file.fileno())


def _read(file: FileIO) -> Windows:
    """Return the windows in `file`; none if a process was killed while writing it."""
    try:
        file.seek(0)
        written = json.loads(file.readall())
        return {kind: Window(*window) for kind, window in written.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: FileIO, windows: Windows) -> bool:
    """Write `windows`, and nothing else, to `file`; tell whether that went well."""
    data = json.dumps({kind: astuple(window) for kind, window in windows.items()})
    try:
        file.truncate(0)
        return file.write(data.encode()) == len(data)
    except OSError:
        return False
