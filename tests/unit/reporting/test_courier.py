"""The thread that sends, from its start to the end of the process."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from app.reporting.courier import Courier
from app.reporting.ledger import Ledger
from app.reporting.outbox import CAPACITY, Outbox, Parcel
from app.reporting.storm import Storm
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually
from tests.unit.reporting.conftest import Clock

ERROR = "ValueError posts.py:7"

Start = Callable[..., Courier]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a courier with a way to send; it ends with the test."""
    couriers = []

    def make(
        send: Callable[[Parcel, float], None], interval: float = 0, **options: Any
    ) -> Courier:
        couriers.append(Courier(Outbox(Storm(interval)), send, **options))
        return couriers[-1]

    yield make
    for courier in couriers:
        courier.close()


def messages(records: list[logging.LogRecord]) -> list[str]:
    """What was logged."""
    return [record.getMessage() for record in records]


def refuse(thread: threading.Thread) -> None:
    """Start no thread."""
    raise RuntimeError("can't start new thread")


def test_sends_elsewhere(start: Start) -> None:
    """What is put in is sent by another thread."""
    threads: list[str] = []
    courier = start(
        lambda parcel, within: threads.append(threading.current_thread().name)
    )

    courier.put(ERROR, "x")

    assert eventually(lambda: threads) == ["error-mail"]


@behaviour("mail.flushed-at-exit")
def test_close_sends_what_waits(start: Start) -> None:
    """At the end, what is waiting is sent."""
    sent: list[str] = []
    courier = start(lambda parcel, within: sent.append(parcel.report))
    for report in "123":
        courier.put(ERROR, report)

    courier.close()

    assert sent == ["1", "2", "3"]


@behaviour("mail.failure-is-logged")
def test_failure_is_logged(start: Start, logged: list[logging.LogRecord]) -> None:
    """What goes wrong in sending is logged, with its reason, as a warning."""

    def fail(parcel: Parcel, within: float) -> None:
        raise OSError("the server is away")

    courier = start(fail)
    courier.put(ERROR, "x")
    courier.close()

    assert messages(logged) == [
        "Mail not delivered: the server is away; errors in it: 1"
    ]
    assert logged[0].levelno == logging.WARNING


def test_goes_on_after_a_failure(start: Start) -> None:
    """A failure does not keep the next mail from being sent."""
    sent: list[str] = []

    def fail_first(parcel: Parcel, within: float) -> None:
        sent.append(parcel.report)
        if parcel.report == "1":
            raise RuntimeError("unforeseen")

    courier = start(fail_first)
    courier.put(ERROR, "1")
    courier.put(ERROR, "2")
    courier.close()

    assert sent == ["1", "2"]


@behaviour("mail.flushed-at-exit")
def test_dropped_is_logged(start: Start, logged: list[logging.LogRecord]) -> None:
    """What had to be dropped is counted in the log."""
    sending, go_on = threading.Event(), threading.Event()

    def stall(parcel: Parcel, within: float) -> None:
        sending.set()
        go_on.wait(5)

    courier = start(stall)
    courier.put(ERROR, "x")
    assert sending.wait(5)
    for _ in range(CAPACITY + 2):
        courier.put(ERROR, "x")
    go_on.set()
    courier.close()

    assert messages(logged) == ["Mail dropped, too much was waiting: 2"]


@behaviour("mail.flushed-at-exit")
def test_dropped_is_logged_at_the_end(
    start: Start, logged: list[logging.LogRecord]
) -> None:
    """What was dropped is counted even if the thread is stuck to the end."""
    sending, go_on = threading.Event(), threading.Event()

    def stall(parcel: Parcel, within: float) -> None:
        sending.set()
        go_on.wait(5)

    courier = start(stall, last_wait=0.01)
    courier.put(ERROR, "x")
    assert sending.wait(5)
    for _ in range(CAPACITY + 2):
        courier.put(ERROR, "x")
    courier.close()
    told = messages(logged)
    go_on.set()

    assert told == [
        "Mail dropped, too much was waiting: 2",
        f"Mail not sent before the end of the process: {CAPACITY + 1}",
    ]


@behaviour("mail.flushed-at-exit")
def test_wait_is_bounded(start: Start, logged: list[logging.LogRecord]) -> None:
    """The end waits for so long and no longer; what was not sent is counted."""
    sending, go_on = threading.Event(), threading.Event()

    def stall(parcel: Parcel, within: float) -> None:
        sending.set()
        go_on.wait(5)

    courier = start(stall, last_wait=0.01)
    for _ in range(3):
        courier.put(ERROR, "x")
    assert sending.wait(5)
    courier.close()
    told = messages(logged)
    go_on.set()

    assert told == ["Mail not sent before the end of the process: 3"]


@behaviour("mail.storm")
def test_held_back_is_logged(start: Start, logged: list[logging.LogRecord]) -> None:
    """What is still held back at the end is counted in the log."""
    courier = start(lambda parcel, within: None, interval=60)
    for _ in range(3):
        courier.put(ERROR, "x")
    courier.close()

    assert messages(logged) == ["Identical errors held back until the next mail: 2"]


@behaviour("mail.storm")
def test_failed_summary(clock: Clock, logged: list[logging.LogRecord]) -> None:
    """If the mail that tells of a storm fails, the log has its number, and the next."""
    ledger = Ledger()
    storm60 = Storm(60, ledger, clock)

    def fail(parcel: Parcel, within: float) -> None:
        raise OSError("the server is away")

    courier = Courier(Outbox(storm60), fail, start=refuse)
    for _ in range(3):
        courier.put(ERROR, "x")
    clock.pass_(60)
    courier.put(ERROR, "x")
    courier.close()
    clock.pass_(60)

    assert messages(logged) == [
        f"Mail not delivered: the server is away; errors in it: {number}"
        for number in (1, 3)
    ]
    assert Storm(60, ledger, clock).admit(ERROR, "x") == 4


@behaviour("mail.flushed-at-exit")
def test_error_after_the_end(start: Start) -> None:
    """What is put in after the close, as by another program's end, is sent at once."""
    sent: list[str] = []
    courier = start(lambda parcel, within: sent.append(parcel.report))
    courier.put(ERROR, "1")
    courier.close()

    courier.put(ERROR, "2")

    assert sent == ["1", "2"]


@behaviour("mail.storm")
def test_held_back_after_the_end(start: Start, logged: list[logging.LogRecord]) -> None:
    """What is held back after the close is counted, each time on its own."""
    courier = start(lambda parcel, within: None, interval=60)
    courier.close()
    for _ in range(3):
        courier.put(ERROR, "x")

    assert messages(logged) == 2 * ["Identical errors held back until the next mail: 1"]


@behaviour("mail.flushed-at-exit")
def test_error_after_all_time(start: Start, logged: list[logging.LogRecord]) -> None:
    """What is put in when the time of the end is over is counted in the log."""
    sent: list[str] = []
    courier = start(lambda parcel, within: sent.append(parcel.report), last_wait=0)
    courier.close()

    courier.put(ERROR, "1")

    assert sent == []
    assert messages(logged) == ["Mail not sent before the end of the process: 1"]


def test_closed_once(start: Start, logged: list[logging.LogRecord]) -> None:
    """To close a second time does nothing."""
    courier = start(lambda parcel, within: None, interval=60)
    for _ in range(2):
        courier.put(ERROR, "x")
    courier.close()
    courier.close()

    assert len(logged) == 1


@behaviour("mail.every-process")
def test_fork(logged: list[logging.LogRecord]) -> None:
    """In a fork, the parent's courier is not there, and its mail is left to it."""
    processes = [1]
    sent: list[str] = []
    courier = Courier(
        Outbox(Storm(60)),
        lambda parcel, within: sent.append(parcel.report),
        process_id=lambda: processes[0],
    )
    for _ in range(2):
        courier.put(ERROR, "x")

    processes[0] = 2
    assert not courier.is_here
    courier.close()
    assert logged == []

    processes[0] = 1
    assert courier.is_here
    courier.close()
    assert sent == ["x"]
    assert len(logged) == 1


@behaviour("mail.flushed-at-exit")
def test_no_thread(start: Start) -> None:
    """While the interpreter ends, when no thread starts, the end itself sends."""
    sent: list[str] = []
    courier = start(lambda parcel, within: sent.append(parcel.report), start=refuse)
    courier.put(ERROR, "1")
    courier.close()

    assert sent == ["1"]


@behaviour("mail.flushed-at-exit")
def test_no_thread_and_no_time(start: Start, logged: list[logging.LogRecord]) -> None:
    """Where the end itself sends, it has no more time than it would wait for."""
    given: list[float] = []

    def stall(parcel: Parcel, within: float) -> None:
        given.append(within)
        ours, theirs = socket.socketpair()
        with ours, theirs, suppress(TimeoutError):
            ours.settimeout(within)
            ours.recv(1)

    courier = start(stall, start=refuse, last_wait=0.05)
    for _ in range(3):
        courier.put(ERROR, "x")
    courier.close()

    [seconds] = given
    assert seconds <= 0.05
    assert messages(logged) == ["Mail not sent before the end of the process: 2"]


@behaviour("mail.every-process")
def test_thread_is_tried_again(start: Start) -> None:
    """Where no thread could start, the next error tries again, and all is sent."""
    refusals = [refuse]
    sent: list[str] = []

    def refuse_first(thread: threading.Thread) -> None:
        (refusals.pop() if refusals else threading.Thread.start)(thread)

    courier = start(
        lambda parcel, within: sent.append(parcel.report), start=refuse_first
    )
    courier.put(ERROR, "1")
    courier.put(ERROR, "2")

    eventually(lambda: sent == ["1", "2"])
