"""The mail queue and its thread, up to the end of the process."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.reporting import delivery, rate_limit
from app.reporting.delivery import CAPACITY, DeliveryWorker
from app.reporting.rate_limit import QueuedMail, RateLimiter, SharedState
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually
from tests.unit.reporting.conftest import Clock, Collector

ERROR = "ValueError posts.py:7"

Send = Callable[[QueuedMail, float], None]
Start = Callable[..., DeliveryWorker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that makes delivery workers, which are closed after the test."""
    workers = []

    def make(send: Send, interval: float = 0) -> DeliveryWorker:
        limiter = RateLimiter(interval, SharedState(tmp_path / "state.json"))
        workers.append(DeliveryWorker(limiter, send))
        return workers[-1]

    yield make
    for worker in workers:
        worker.close()


class Sent:
    """A send function that keeps the mails."""

    def __init__(self) -> None:
        self.mails: list[QueuedMail] = []

    def __call__(self, mail: QueuedMail, within: float) -> None:
        self.mails.append(mail)

    @property
    def reports(self) -> list[str]:
        """The reports in the order in which they were sent."""
        return [mail.report for mail in self.mails]


@pytest.fixture
def sent() -> Sent:
    """A send function that keeps the mails."""
    return Sent()


@pytest.fixture
def refuse_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that starts no thread any more, as at its end."""

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.fixture
def fail() -> Send:
    """A send function that fails."""

    def fail(mail: QueuedMail, within: float) -> None:
        raise OSError("the server is away")

    return fail


class Stalled:
    """A send function that blocks until its `go_on` is set."""

    def __init__(self) -> None:
        self.sending, self.go_on = threading.Event(), threading.Event()

    def __call__(self, mail: QueuedMail, within: float) -> None:
        self.sending.set()
        self.go_on.wait(5)


@pytest.fixture
def stalled() -> Iterator[Stalled]:
    """A send function that blocks until the end of the test."""
    stalled = Stalled()
    yield stalled
    stalled.go_on.set()


def test_sends_in_a_thread(start: Start) -> None:
    """A report is sent by another thread."""
    threads: list[str] = []
    worker = start(lambda mail, within: threads.append(threading.current_thread().name))

    worker.put(ERROR, "x")

    assert eventually(lambda: threads) == ["error-mail"]


@behaviour("mail.flushed-at-exit")
def test_close_sends_what_waits(start: Start, sent: Sent) -> None:
    """Closing the worker sends the queued mails in order."""
    worker = start(sent)
    for report in "123":
        worker.put(ERROR, report)

    worker.close()

    assert sent.reports == ["1", "2", "3"]


@behaviour("mail.storm")
def test_end_of_a_window(start: Start, sent: Sent) -> None:
    """Errors that were held back are mailed when the window ends."""
    worker = start(sent, interval=0.2)
    for report in "123":
        worker.put(ERROR, report)

    eventually(lambda: len(sent.mails) == 2)
    assert sent.mails[1].report == "3"
    assert (sent.mails[1].held_back, sent.mails[1].is_latest) == (2, True)


@behaviour("mail.failure-is-logged")
def test_failure_is_logged(start: Start, fail: Send, warnings: Collector) -> None:
    """A failed delivery is logged as a warning, with the reason."""
    worker = start(fail)
    worker.put(ERROR, "x")
    worker.close()

    assert warnings.messages == [
        "Mail not delivered: the server is away; errors in it: 1"
    ]
    assert warnings.records[0].levelname == "WARNING"


def test_goes_on_after_a_failure(start: Start, sent: Sent) -> None:
    """A failure does not keep the next mail from being sent."""

    def fail_first(mail: QueuedMail, within: float) -> None:
        if mail.report == "1":
            raise RuntimeError("unforeseen")
        sent(mail, within)

    worker = start(fail_first)
    worker.put(ERROR, "1")
    worker.put(ERROR, "2")
    worker.close()

    assert sent.reports == ["2"]


@behaviour("mail.flushed-at-exit")
def test_dropped_is_logged(start: Start, stalled: Stalled, warnings: Collector) -> None:
    """The number of mails that a full queue drops is logged."""
    worker = start(stalled)
    worker.put(ERROR, "x")
    assert stalled.sending.wait(5)
    for _ in range(CAPACITY + 2):
        worker.put(ERROR, "x")
    stalled.go_on.set()
    worker.close()

    assert warnings.messages == ["Mail dropped, too much was waiting: 2"]


@behaviour("mail.storm")
def test_dropped_is_held_back(
    start: Start, stalled: Stalled, sent: Sent, warnings: Collector
) -> None:
    """An error whose mail was dropped is counted by another process's next mail."""
    worker = start(stalled, interval=60)
    worker.put("first", "x")
    assert stalled.sending.wait(5)
    for number in range(CAPACITY):
        worker.put(f"{ERROR}{number}", "x")
    worker.put(ERROR, "dropped")
    another = start(sent, interval=60)
    another.put(ERROR, "next")
    another.close()

    assert [mail.held_back for mail in sent.mails] == [1]


@behaviour("mail.flushed-at-exit")
def test_wait_is_bounded(
    start: Start,
    stalled: Stalled,
    warnings: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Closing waits for a limited time; dropped and unsent mails are counted."""
    monkeypatch.setattr(delivery, "LAST_WAIT", 0.01)
    worker = start(stalled)
    worker.put(ERROR, "x")
    assert stalled.sending.wait(5)
    for _ in range(CAPACITY + 2):
        worker.put(ERROR, "x")
    worker.close()

    assert warnings.messages == [
        "Mail dropped, too much was waiting: 2",
        f"Mail not sent before the end of the process: {CAPACITY + 1}",
    ]


@behaviour("mail.storm")
def test_held_back_is_logged(start: Start, sent: Sent, warnings: Collector) -> None:
    """The number of errors that are held back at the end is logged."""
    worker = start(sent, interval=60)
    for _ in range(3):
        worker.put(ERROR, "x")
    worker.close()

    assert warnings.messages == ["Identical errors held back until the next mail: 2"]


@behaviour("mail.storm")
def test_failed_summary(
    start: Start,
    fail: Send,
    sent: Sent,
    warnings: Collector,
    refuse_threads: None,
    patch_clock: Callable[[ModuleType], Clock],
) -> None:
    """The errors in failed mails are logged, and counted in the next mail."""
    clock = patch_clock(rate_limit)
    worker = start(fail, interval=60)
    for _ in range(3):
        worker.put(ERROR, "x")
    clock.advance(60)
    worker.put(ERROR, "x")
    worker.close()
    another = start(sent, interval=60)
    another.put(ERROR, "x")
    another.close()

    assert warnings.messages == [
        f"Mail not delivered: the server is away; errors in it: {number}"
        for number in (1, 3)
    ]
    assert [mail.held_back for mail in sent.mails] == [4]


@behaviour("mail.storm")
def test_not_sent_before_the_end(
    start: Start,
    sent: Sent,
    warnings: Collector,
    refuse_threads: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mail unsent at the end is counted in the next mail of another process."""
    monkeypatch.setattr(delivery, "LAST_WAIT", 0)
    worker = start(sent, interval=60)
    for _ in range(3):
        worker.put(ERROR, "x")
    worker.close()
    monkeypatch.setattr(delivery, "LAST_WAIT", 5)
    another = start(sent, interval=60)
    another.put(ERROR, "x")
    another.close()

    assert [mail.held_back for mail in sent.mails] == [3]


@behaviour("mail.flushed-at-exit")
def test_error_after_the_end(start: Start, sent: Sent) -> None:
    """A report after the end, as from another exit handler, is sent."""
    worker = start(sent)
    worker.put(ERROR, "1")
    worker.close()

    worker.put(ERROR, "2")

    assert sent.reports == ["1", "2"]


@behaviour("mail.storm")
def test_held_back_after_the_end(start: Start, sent: Sent, warnings: Collector) -> None:
    """Each error that is held back after the end is logged."""
    worker = start(sent, interval=60)
    worker.close()
    for _ in range(3):
        worker.put(ERROR, "x")

    message = "Identical errors held back until the next mail: 1"
    assert warnings.messages == [message, message]


@behaviour("mail.flushed-at-exit")
def test_error_after_all_time(
    start: Start, sent: Sent, warnings: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report after the last wait is counted in the log."""
    monkeypatch.setattr(delivery, "LAST_WAIT", 0)
    worker = start(sent)
    worker.close()

    worker.put(ERROR, "1")

    assert sent.mails == []
    assert warnings.messages == ["Mail not sent before the end of the process: 1"]


def test_closed_once(start: Start, sent: Sent, warnings: Collector) -> None:
    """Closing a second time does nothing."""
    worker = start(sent, interval=60)
    for _ in range(2):
        worker.put(ERROR, "x")
    worker.close()
    worker.close()

    assert len(warnings.messages) == 1


@behaviour("mail.every-process")
def test_fork(
    start: Start, sent: Sent, warnings: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forked process leaves the parent's mail to the parent."""
    worker = start(sent, interval=60)
    for _ in range(2):
        worker.put(ERROR, "x")

    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        assert worker.is_inherited
        worker.close()
    assert warnings.messages == []

    assert not worker.is_inherited
    worker.close()
    assert sent.reports == ["x"]
    assert len(warnings.messages) == 1


@behaviour("mail.flushed-at-exit")
def test_no_thread(start: Start, sent: Sent, refuse_threads: None) -> None:
    """If no thread can start, closing sends the mail itself."""
    worker = start(sent)
    worker.put(ERROR, "1")
    worker.close()

    assert sent.reports == ["1"]


@behaviour("mail.flushed-at-exit")
def test_no_thread_and_no_time(
    start: Start,
    refuse_threads: None,
    warnings: Collector,
    monkeypatch: pytest.MonkeyPatch,
    patch_clock: Callable[[ModuleType], Clock],
) -> None:
    """If closing sends the mail itself, all mails share the last wait."""
    clock = patch_clock(delivery)
    monkeypatch.setattr(delivery, "LAST_WAIT", 5)
    limits: list[float] = []

    def stall(mail: QueuedMail, within: float) -> None:
        limits.append(within)
        clock.advance(3)

    worker = start(stall)
    for _ in range(3):
        worker.put(ERROR, "x")
    worker.close()

    assert limits == [5, 2]
    assert warnings.messages == ["Mail not sent before the end of the process: 1"]


@behaviour("mail.every-process")
def test_thread_is_tried_again(
    start: Start, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If no thread could start, the next report tries again and sends both."""
    worker = start(sent)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        worker.put(ERROR, "1")
    worker.put(ERROR, "2")

    eventually(lambda: sent.reports == ["1", "2"])
