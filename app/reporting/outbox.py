"""The reports that wait to be mailed, between the requests and the sending thread."""

import threading
from collections import deque
from dataclasses import dataclass

from .storm import Storm

CAPACITY = 100
"""So many reports wait at most; with the mail server away, more would be no help."""


@dataclass(frozen=True)
class Parcel:
    """One mail to send."""

    report: str
    kind: str = ""
    """Of which kind of error; empty for a mail that tells of none."""
    held: int = 0
    """How many reports like it were held back since the last mail."""
    latest: bool = False
    """Whether the report is itself the latest of those held back."""

    @property
    def errors(self) -> int:
        """How many errors it tells of."""
        return self.held + (not self.latest)


class Outbox:
    """A bounded queue that holds identical reports back; for several threads."""

    def __init__(self, storm: Storm) -> None:
        """`storm` says what is held back."""
        self._storm = storm
        self._waiting: deque[Parcel] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._dropped = 0

    def put(self, kind: str, report: str) -> None:
        """Take in a report: to be mailed, held back, or dropped when full."""
        with self._changed:
            held = self._storm.admit(kind, report)
            if held is not None:
                self._add(Parcel(report, kind, held))
            self._changed.notify()

    def take(self) -> Parcel | None:
        """Return the next mail to send, as soon as there is one.

        None: the outbox is closed, and empty.
        """
        with self._changed:
            while True:
                for kind, report, held in self._storm.overdue():
                    self._add(Parcel(report, kind, held, latest=True))
                if self._waiting:
                    return self._waiting.popleft()
                if self._closed:
                    return None
                self._changed.wait(self._storm.wait())

    def close(self) -> None:
        """Let `take` end when nothing is waiting any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def dropped(self) -> int:
        """Return how many were dropped since this was last asked."""
        with self._changed:
            dropped, self._dropped = self._dropped, 0
            return dropped

    def give_back(self, parcel: Parcel) -> None:
        """Let the next mail of its kind tell of the errors of one that failed."""
        with self._changed:
            self._return([parcel])

    def give_up(self) -> tuple[int, int]:
        """Wait for nothing any more, and let later mails tell of the errors in it.

        Return how many mails were waiting, and how many errors were held back.
        """
        with self._changed:
            waiting = list(self._waiting)
            self._waiting.clear()
            self._return(waiting)
            held = sum(parcel.held for parcel in waiting)
            return len(waiting), self._storm.held() + held

    def _add(self, parcel: Parcel) -> None:
        if len(self._waiting) < CAPACITY:
            self._waiting.append(parcel)
        else:
            self._dropped += 1
            self._return([parcel])

    def _return(self, parcels: list[Parcel]) -> None:
        self._storm.give_back((parcel.kind, parcel.errors) for parcel in parcels)
