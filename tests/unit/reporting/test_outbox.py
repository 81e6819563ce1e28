"""The queue between the requests and the thread that sends."""

import threading
import time

import pytest

from app.reporting.ledger import Ledger
from app.reporting.outbox import CAPACITY, Outbox, Parcel
from app.reporting.storm import Storm
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock

ERROR = "ValueError posts.py:7"
OTHER = "ValueError posts.py:8"


@pytest.fixture
def outbox(clock: Clock) -> Outbox:
    """An outbox with windows of a minute, on the test's clock."""
    return Outbox(Storm(60, clock=clock))


def test_first_in_first_out(outbox: Outbox) -> None:
    """Reports leave in the order in which they came."""
    outbox.put(ERROR, "1")
    outbox.put(OTHER, "2")

    assert [outbox.take(), outbox.take()] == [
        Parcel("1", ERROR),
        Parcel("2", OTHER),
    ]


@behaviour("mail.storm")
def test_held_back(outbox: Outbox, clock: Clock) -> None:
    """The next mail of a kind carries the number of those held back."""
    for report in "123":
        outbox.put(ERROR, report)
    clock.pass_(60)
    outbox.put(ERROR, "4")

    assert [outbox.take(), outbox.take()] == [
        Parcel("1", ERROR),
        Parcel("4", ERROR, held=2),
    ]


@behaviour("mail.storm")
def test_end_of_a_storm(outbox: Outbox, clock: Clock) -> None:
    """When a storm is over, its latest report is mailed with the number of all."""
    for report in "123":
        outbox.put(ERROR, report)
    outbox.take()
    clock.pass_(60)

    assert outbox.take() == Parcel("3", ERROR, held=2, latest=True)


@behaviour("mail.storm")
def test_waits_for_the_end_of_a_storm() -> None:
    """The end of a window needs no further error to be noticed."""
    standing = [time.time()]
    outbox = Outbox(Storm(0.01, clock=lambda: standing[0] if standing else time.time()))
    for report in "12":
        outbox.put(ERROR, report)
    standing.clear()

    assert [outbox.take(), outbox.take()] == [
        Parcel("1", ERROR),
        Parcel("2", ERROR, held=1, latest=True),
    ]


def test_take_waits(outbox: Outbox) -> None:
    """Who takes from an empty outbox gets what is put in later."""
    taken: list[Parcel | None] = []
    thread = threading.Thread(target=lambda: taken.append(outbox.take()))
    thread.start()
    outbox.put(ERROR, "1")
    thread.join(5)

    assert taken == [Parcel("1", ERROR)]


def test_closed(outbox: Outbox) -> None:
    """A closed outbox gives what is waiting, and then nothing."""
    outbox.put(ERROR, "1")
    outbox.close()

    assert [outbox.take(), outbox.take()] == [Parcel("1", ERROR), None]


def test_closed_while_waiting(outbox: Outbox) -> None:
    """Who waits for an empty outbox is let go when it is closed."""
    taken: list[Parcel | None] = []
    thread = threading.Thread(target=lambda: taken.append(outbox.take()))
    thread.start()
    outbox.close()
    thread.join(5)

    assert taken == [None]


@behaviour("mail.flushed-at-exit")
def test_bounded(outbox: Outbox) -> None:
    """What no longer fits is dropped and counted."""
    for number in range(CAPACITY + 3):
        outbox.put(f"{ERROR}{number}", "x")

    assert outbox.dropped() == 3
    assert outbox.give_up() == (CAPACITY, 0)


def test_dropped_is_told_once(outbox: Outbox) -> None:
    """What was dropped is told once."""
    for number in range(CAPACITY + 1):
        outbox.put(f"{ERROR}{number}", "x")
    outbox.dropped()

    assert outbox.dropped() == 0


@behaviour("mail.storm")
def test_dropped_is_held_back(clock: Clock) -> None:
    """The next mail of a kind tells of the error whose mail was dropped, too."""
    outbox = Outbox(Storm(60, clock=clock))
    for number in range(CAPACITY):
        outbox.put(f"{ERROR}{number}", "x")
    outbox.put(OTHER, "dropped")
    outbox.take()
    clock.pass_(60)
    outbox.put(OTHER, "next")
    parcels = [outbox.take() for _ in range(CAPACITY)]

    assert parcels[-1] == Parcel("next", OTHER, held=1)


@behaviour("mail.storm")
def test_failed_is_held_back(outbox: Outbox, clock: Clock) -> None:
    """The next mail of a kind tells of all errors of which a failed one would have."""
    for report in "123":
        outbox.put(ERROR, report)
    for failed in (1, 2):
        parcel = outbox.take()
        assert parcel is not None
        assert parcel.errors == failed + (failed == 2)
        outbox.give_back(parcel)
        clock.pass_(60)
    outbox.put(ERROR, "4")

    assert outbox.take() == Parcel("4", ERROR, held=3)


def test_given_up(outbox: Outbox) -> None:
    """What is waiting at the end is given up; it and what is held back are counted."""
    for kind in (ERROR, ERROR, ERROR, OTHER):
        outbox.put(kind, "x")

    assert outbox.give_up() == (2, 2)
    assert outbox.give_up() == (0, 2)


@behaviour("mail.storm")
def test_given_up_with_what_it_told_of(clock: Clock) -> None:
    """What a mail that is given up would have told of is told by the next process."""
    ledger = Ledger()
    outbox = Outbox(Storm(60, ledger, clock))
    for report in "123":
        outbox.put(ERROR, report)
    clock.pass_(60)
    outbox.put(ERROR, "4")

    assert outbox.give_up() == (2, 2)
    clock.pass_(60)
    assert Storm(60, ledger, clock).admit(ERROR, "5") == 4
