"""The handler that mails errors, and the format of its mails."""

import email
import email.policy
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reporting.formatters import ReportFormatter
from app.reporting.mail_handler import MailHandler
from app.reporting.rate_limit import QueuedMail
from app.reporting.settings import DEFAULTS
from app.reporting.smtp import DeliveryError
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import silent
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector, MakeRecord

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


# -- the handler ----------------------------------------------------------------------


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


# -- its mails ------------------------------------------------------------------------


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
