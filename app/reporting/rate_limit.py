"""One mail for many identical errors, over all processes of the application.

Without it, each worker of a server would mail an error that all of them meet, and so
would each start of an application that crashes again and again.
"""

import contextlib
import json
import logging
import os
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from io import FileIO
from typing import NamedTuple

from .rotating_file import FileLock, open_file, unlock

_THIS_PACKAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")


def fingerprint(record: logging.LogRecord, root: str) -> str:
    """Return a text that identical errors have in common.

    It is the type of the exception and the innermost line of the application's own code
    (in the folder `root`): one line of a library raises for all statements, and one
    line of Flask calls all views.
    """
    places = [(record.pathname, record.lineno)]
    kind = ""
    if record.exc_info and record.exc_info[0]:
        kind = f"{record.exc_info[0].__qualname__} "
        frames = [
            (frame.f_code.co_filename, line)
            for frame, line in traceback.walk_tb(record.exc_info[2])
        ]
        places += [one for one in frames if _is_own(one[0], root)] or frames
    file, line = places[-1]
    return f"{kind}{file}:{line}"


def _is_own(file: str, root: str) -> bool:
    root = os.path.join(root, "")
    if not file.startswith(root) or file.startswith(_THIS_PACKAGE):
        return False
    # A virtual environment is often in the folder of the application.
    return "site-packages" not in file.removeprefix(root)


class QueuedMail(NamedTuple):
    """A report to mail."""

    report: str
    fingerprint: str = ""
    held_back: int = 0
    """How many identical errors were held back since the last mail."""
    is_latest: bool = False
    """Whether the report is of the latest of those held back, not of another error."""
    window_end: float = 0.0

    @property
    def errors(self) -> int:
        """How many errors the mail reports."""
        return self.held_back + (not self.is_latest)


@dataclass
class Window:
    """The time after a mail in which identical errors are held back."""

    end: float = 0.0  # as of time.time(), which processes share
    held_back: int = 0


Windows = dict[str, Window]  # by fingerprint


@dataclass
class _HeldBack:
    """The errors that this process holds back until `end`."""

    end: float
    report: str
    number: int = 0


class RateLimiter:
    """Decides which errors are mailed: one per fingerprint and window.

    A queued mail opens a window for all processes. If it cannot be delivered, `release`
    closes the window for the others; this process waits for its end all the same.
    The limiter is used by one thread at a time. The length of the windows is in
    seconds; 0 holds nothing back.
    """

    def __init__(self, interval: float, state: "SharedState") -> None:
        self._interval = interval
        self._state = state
        self._held_back: dict[str, _HeldBack] = {}
        self._failed: dict[str, float] = {}

    def admit(self, fingerprint: str, report: str) -> QueuedMail | None:
        """Return the mail to send, or None if the error is held back."""
        if not self._interval:
            return QueuedMail(report)
        with self._state.windows() as windows:
            end = self._end_of_wait(windows, fingerprint)
            if not end:
                return self._open_window(windows, fingerprint, report)
            windows.setdefault(fingerprint, Window()).held_back += 1
        held_back = self._held_back.get(fingerprint)
        if held_back is None or held_back.end != end:
            held_back = self._held_back[fingerprint] = _HeldBack(end, report)
        held_back.report = report
        held_back.number += 1
        return None

    def release(self, mails: Iterable[QueuedMail]) -> None:
        """Add the errors of undelivered mails to the count of those held back.

        Another process may mail such an error at once, and then reports these, too.
        """
        if not self._interval:
            return
        with self._state.windows() as windows:
            for mail in mails:
                self._failed[mail.fingerprint] = mail.window_end
                window = windows.setdefault(mail.fingerprint, Window())
                window.held_back += mail.errors
                if window.end == mail.window_end:
                    window.end = 0.0

    def overdue(self) -> list[QueuedMail]:
        """Return a mail for each window that has ended with errors held back."""
        now = time.time()
        ended = [key for key, one in self._held_back.items() if now >= one.end]
        mails = []
        if ended:
            with self._state.windows() as windows:
                for key in ended:
                    report = self._held_back.pop(key).report
                    # Otherwise another process was first, and has reported them.
                    window = windows.get(key, Window())
                    if window.held_back and not self._end_of_wait(windows, key):
                        mails.append(self._open_window(windows, key, report, True))
        return mails

    def wait(self) -> float | None:
        """Return the seconds until a mail is overdue; None if none will be."""
        ends = [held_back.end for held_back in self._held_back.values()]
        return max(0.0, min(ends) - time.time()) if ends else None

    @property
    def held_back(self) -> int:
        """How many errors this process holds back."""
        return sum(held_back.number for held_back in self._held_back.values())

    def _end_of_wait(self, windows: Windows, fingerprint: str) -> float:
        """Return until when such errors are held back; 0 if they are not."""
        now = time.time()
        window = windows.get(fingerprint, Window())
        ends = window.end, self._failed.get(fingerprint, 0.0)
        # A later end than that of a new window is from before the clock was set back.
        return max(
            (end for end in ends if now < end <= now + self._interval), default=0
        )

    def _open_window(
        self, windows: Windows, fingerprint: str, report: str, is_latest: bool = False
    ) -> QueuedMail:
        now = time.time()
        held_back = windows.pop(fingerprint, Window()).held_back
        self._held_back.pop(fingerprint, None)
        self._failed.pop(fingerprint, None)
        for key in [k for k, w in windows.items() if now >= w.end and not w.held_back]:
            del windows[key]
        window = windows[fingerprint] = Window(now + self._interval)
        return QueuedMail(report, fingerprint, held_back, is_latest, window.end)


class SharedState:
    """The windows, in a file that processes share, or in memory while that fails."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.path.abspath(path)
        self._lock = FileLock()
        self._unsaved: Windows = {}

    @contextlib.contextmanager
    def windows(self) -> Iterator[Windows]:
        """Lock the windows; store them, with all changes, when the block ends."""
        with contextlib.ExitStack() as stack:
            file: FileIO | None = None
            with contextlib.suppress(OSError):
                opened = stack.enter_context(open_file(self._path, "a+"))
                self._lock.acquire(opened.fileno())
                # Closing does not unlock it if the process was forked in between.
                stack.callback(unlock, opened.fileno())
                file = opened
            windows = (_read(file) if file else {}) | self._unsaved
            yield windows
            self._unsaved = {} if file and _write(file, windows) else windows


def _read(file: FileIO) -> Windows:
    """Return the windows in `file`; none if a process was killed while writing it."""
    try:
        file.seek(0)
        data = json.loads(file.readall())
        return {key: Window(*window) for key, window in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: FileIO, windows: Windows) -> bool:
    """Replace the contents of `file`; return whether that succeeded."""
    data = json.dumps({key: astuple(window) for key, window in windows.items()})
    try:
        file.truncate(0)
        return file.write(data.encode()) == len(data)
    except OSError:
        return False
