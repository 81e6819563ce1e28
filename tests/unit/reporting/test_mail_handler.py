"""The handler that mails errors, the format of its mails, and its queue."""

import email
import email.policy
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting import DEFAULTS, mail_handler, rate_limit
from app.reporting.formatters import ReportFormatter
from app.reporting.mail_handler import CAPACITY, DeliveryWorker, MailHandler
from app.reporting.rate_limit import QueuedMail, RateLimiter, SharedState
from app.reporting.smtp import DeliveryError
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import silent
from tests.harness.plugin.behaviour import behaviour
from tests.harness.waiting import eventually
from tests.unit.reporting.conftest import Clock, Collector, MakeRecord

NewHandler = Callable[..., MailHandler]


@pytest.fixture
def new_handler(config: dict[str, Any], mailbox: Mailbox) -> Iterator[NewHandler]:
    """A function that makes handlers for the mailbox with given settings."""
    handlers = []

    def new(**settings: Any) -> MailHandler:
        config.update({"MAIL_PORT": mailbox.port} | settings)
        handlers.append(MailHandler(config, root="/srv/app"))
        handlers[-1].setFormatter(ReportFormatter())
        return handlers[-1]

    yield new
    for handler in handlers:
        handler.close()


@pytest.fixture
def handler(new_handler: NewHandler) -> MailHandler:
    """A handler with the default settings."""
    return new_handler()


# -- the handler --------------------------------------------------------------------


def test_starts_nothing(new_handler: NewHandler) -> None:
    """Making a handler starts no thread."""
    before = threading.active_count()

    new_handler()

    assert threading.active_count() == before


@behaviour("mail.logged-error-is-mailed")
def test_level(handler: MailHandler) -> None:
    """The handler takes records from ERROR on."""
    assert handler.level == logging.ERROR


@behaviour("mail.error-is-mailed")
def test_mails(handler: MailHandler, mailbox: Mailbox, make_record: MakeRecord) -> None:
    """An error is mailed to all administrators, with its stack trace."""
    handler.handle(make_record("Broken", error=ValueError("grün")))

    mail = mailbox.next()
    assert mail.recipients == ("admin@example.com", "second@example.com")
    assert mail.subject == "Microblog Failure"
    assert "Broken [in /srv/app/posts.py:7]\nTraceback (most rec" in mail.text
    assert mail.text.rstrip().endswith("ValueError: grün")


@behaviour("mail.storm")
@pytest.mark.parametrize(("interval", "mails"), [(60.0, 1), (0, 100)])
def test_storm(
    new_handler: NewHandler,
    mailbox: Mailbox,
    make_record: MakeRecord,
    interval: float,
    mails: int,
) -> None:
    """One of a hundred identical errors is mailed, or all if MAIL_INTERVAL is 0."""
    handler = new_handler(MAIL_INTERVAL=interval)
    for _ in range(100):
        handler.handle(make_record())
    for _ in range(mails):
        mailbox.next()
    handler.close()

    assert mailbox.drain() == []


@behaviour("mail.never-blocks")
def test_does_not_wait(
    new_handler: NewHandler, make_record: MakeRecord, warnings: Collector
) -> None:
    """Handling an error does not wait for a silent mail server."""
    with Mailbox(misbehaviour=silent()) as mailbox:
        handler = new_handler(MAIL_PORT=mailbox.port, MAIL_INTERVAL=0)
        for _ in range(3):
            handler.handle(make_record())
        before = warnings.messages
    handler.close()

    assert before == []
    assert len(warnings.messages) == 3


def test_again_after_close(
    handler: MailHandler, mailbox: Mailbox, make_record: MakeRecord
) -> None:
    """A closed handler mails again, as after a new logging configuration."""
    handler.handle(make_record("before"))
    handler.close()
    handler.handle(make_record("after", line=8))
    handler.close()

    assert ["after" in mail.text for mail in mailbox.drain()] == [False, True]


@behaviour("mail.every-process")
def test_fork(
    new_handler: NewHandler,
    mailbox: Mailbox,
    make_record: MakeRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A forked process has its own queue."""
    handler = new_handler(MAIL_INTERVAL=0)
    handler.handle(make_record("in the parent"))
    parents = handler._worker
    monkeypatch.setattr(os, "getpid", lambda: -1)
    handler.handle(make_record("in the child"))
    handler.close()
    monkeypatch.undo()
    assert parents is not None
    parents.close()

    assert sorted("parent" in mail.text for mail in mailbox.drain()) == [False, True]


def test_unused(handler: MailHandler, mailbox: Mailbox) -> None:
    """A handler without records sends nothing."""
    handler.close()

    assert mailbox.connections == 0


def test_never_raises(
    handler: MailHandler, make_record: MakeRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that cannot be mailed for its format is reported on stderr."""
    handler.setFormatter(None)
    handler.handle(make_record("%d", "no number"))

    assert "--- Logging error ---" in capsys.readouterr().err


def test_send_now(
    new_handler: NewHandler, mailbox: Mailbox, make_record: MakeRecord
) -> None:
    """Mailing a record at once ignores the rate limit."""
    handler = new_handler()
    for _ in range(2):
        handler.send_now(make_record())

    assert len(mailbox.drain()) == 2


def test_send_now_fails(new_handler: NewHandler, make_record: MakeRecord) -> None:
    """Mailing a record at once raises the reason of a failure."""
    with Mailbox(refuses=True) as mailbox:
        handler = new_handler(MAIL_PORT=mailbox.port)
        with pytest.raises(DeliveryError, match="Connection refused"):
            handler.send_now(make_record())


# -- its mails ----------------------------------------------------------------------


def composed(mail: QueuedMail | str = "R\n", **settings: Any) -> EmailMessage:
    """Return the message of a report as it is received, with these settings."""
    config = DEFAULTS | {
        "MAIL_SERVER": "mail.example.com",
        "ADMINS": ["admin@example.com", "second@example.com"],
    }
    queued = QueuedMail(mail) if isinstance(mail, str) else mail
    message = MailHandler(config | settings, root="").compose(queued)
    assert message.as_bytes().isascii()
    received = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(received, EmailMessage)
    return received


@behaviour("mail.error-is-mailed")
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("From", "no-reply@mail.example.com"),
        ("To", "admin@example.com, second@example.com"),
        ("Subject", "Microblog Failure"),
        ("Auto-Submitted", "auto-generated"),
    ],
)
def test_headers(header: str, value: str) -> None:
    """Sender, recipients and subject come from the settings, each once."""
    assert composed().get_all(header) == [value]


def test_subject() -> None:
    """MAIL_SUBJECT sets the subject."""
    assert composed(MAIL_SUBJECT="It broke")["Subject"] == "It broke"


@behaviour("mail.sender")
@pytest.mark.parametrize(
    ("server", "sender"),
    [
        ("192.0.2.25", "no-reply@192.0.2.25"),
        ("::1", "no-reply@[IPv6:::1]"),
        ("postfächer.example", "no-reply@xn--postfcher-z2a.example"),
    ],
    ids=["ipv4", "ipv6", "idn"],
)
def test_default_sender(server: str, sender: str) -> None:
    """The default sender is a valid address at any mail server."""
    assert composed(MAIL_SERVER=server)["From"] == sender


@behaviour("mail.sender")
@pytest.mark.parametrize(
    ("setting", "sender"),
    [
        ("errors@example.org", "errors@example.org"),
        ("Errors <errors@example.org>", "Errors <errors@example.org>"),
        (("Errors", "errors@example.org"), "Errors <errors@example.org>"),
    ],
    ids=["address", "name", "pair"],
)
def test_sender(setting: object, sender: str) -> None:
    """MAIL_DEFAULT_SENDER is an address, one with a name, or a pair of both."""
    message = composed(MAIL_DEFAULT_SENDER=setting)

    assert message["From"] == sender
    assert message["Message-ID"].endswith("@example.org>")


@behaviour("mail.well-formed")
def test_date() -> None:
    """The mail has the current date."""
    age = datetime.now(UTC) - composed()["Date"].datetime

    assert abs(age.total_seconds()) < 60


@behaviour("mail.well-formed")
def test_message_id() -> None:
    """Each mail has a unique Message-ID in the domain of its sender."""
    ids = {composed()["Message-ID"] for _ in range(10)}

    assert len(ids) == 10
    for one in ids:
        assert re.fullmatch(r"<[^<>@\s]+@mail\.example\.com>", one)


@behaviour("mail.well-formed")
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_round_trip(text: str) -> None:
    """A report with any text arrives unchanged."""
    content = composed(f"{text}\n").get_content()

    assert content.replace("\r\n", "\n") == f"{text}\n"


@behaviour("mail.well-formed")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_header_from_a_report(text: str) -> None:
    """The text of a report cannot add a header."""
    assert composed(f"{text}\nBcc: evil@example.com\n")["Bcc"] is None


@behaviour("mail.storm")
@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (QueuedMail("R\n"), "R\n"),
        (
            QueuedMail("R\n", held_back=4),
            "Held back: 4 like this since the last mail\nR\n",
        ),
        (
            QueuedMail("R\n", held_back=4, is_latest=True),
            "Held back: 4 like this since the last mail;"
            " this is the latest of them\nR\n",
        ),
    ],
    ids=["none", "some", "latest"],
)
def test_held_back(mail: QueuedMail, text: str) -> None:
    """A mail has the number of identical errors that were held back."""
    assert composed(mail).get_content().replace("\r\n", "\n") == text


# -- the queue and its thread ----------------------------------------------------------


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
    monkeypatch.setattr(mail_handler, "LAST_WAIT", 0.01)
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
    monkeypatch.setattr(mail_handler, "LAST_WAIT", 0)
    worker = start(sent, interval=60)
    for _ in range(3):
        worker.put(ERROR, "x")
    worker.close()
    monkeypatch.setattr(mail_handler, "LAST_WAIT", 5)
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
    monkeypatch.setattr(mail_handler, "LAST_WAIT", 0)
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
def test_fork_of_a_queue(
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
    clock = patch_clock(mail_handler)
    monkeypatch.setattr(mail_handler, "LAST_WAIT", 5)
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
