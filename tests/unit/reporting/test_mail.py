"""The handler that mails errors, and the command's test mail."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.reporting.mail import MailHandler, mail_handler, send_test
from app.reporting.transport import DeliveryError
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import silent
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Record

Closing = Callable[[Any], Any]


@pytest.fixture
def handler(config: dict[str, Any], mailbox: Mailbox, closing: Closing) -> MailHandler:
    """The handler of the default settings."""
    config["MAIL_PORT"] = mailbox.port
    handler = closing(mail_handler(config))
    assert isinstance(handler, MailHandler)
    return handler


def test_builder_starts_nothing(config: dict[str, Any]) -> None:
    """Building the handler starts no thread."""
    before = threading.active_count()

    mail_handler(config)

    assert threading.active_count() == before


@behaviour("mail.logged-error-is-mailed")
def test_level(config: dict[str, Any]) -> None:
    """The handler takes errors, and nothing below."""
    assert mail_handler(config).level == logging.ERROR


@behaviour("mail.error-is-mailed")
def test_mails(handler: MailHandler, mailbox: Mailbox, record: Record) -> None:
    """An error is mailed to all administrators, with its stack trace."""
    handler.handle(record("Broken", error=ValueError("grün")))

    mail = mailbox.next()
    assert mail.recipients == ("admin@example.com", "second@example.com")
    assert mail.subject == "Microblog Failure"
    assert "Broken [in /srv/app/posts.py:7]\nTraceback (most rec" in mail.text
    assert mail.text.rstrip().endswith("ValueError: grün")


@behaviour("mail.no-secrets")
def test_own_secrets(handler: MailHandler, mailbox: Mailbox, record: Record) -> None:
    """The application's own secrets are in no mail."""
    handler.handle(record("the key that signs, and db-passw0rd"))

    text = mailbox.next().text
    assert "the key that signs" not in text
    assert "db-passw0rd" not in text


@behaviour("mail.storm")
def test_storm(handler: MailHandler, mailbox: Mailbox, record: Record) -> None:
    """Of a hundred identical errors one is mailed."""
    for _ in range(100):
        handler.handle(record())
    handler.close()

    assert len(mailbox.drain()) == 1


@behaviour("mail.storm")
def test_no_interval(
    config: dict[str, Any], mailbox: Mailbox, record: Record, closing: Closing
) -> None:
    """With MAIL_INTERVAL at 0 each error is mailed."""
    handler = closing(
        mail_handler(config | {"MAIL_PORT": mailbox.port, "MAIL_INTERVAL": 0})
    )
    for _ in range(3):
        handler.handle(record())
    handler.close()

    assert len(mailbox.drain()) == 3


@behaviour("mail.never-blocks")
def test_does_not_wait(
    config: dict[str, Any], record: Record, logged: list[logging.LogRecord]
) -> None:
    """An error is taken while an earlier one still waits for a silent server."""
    with Mailbox(misbehaviour=silent()) as mailbox:
        handler = mail_handler(
            config | {"MAIL_PORT": mailbox.port, "MAIL_INTERVAL": 0, "MAIL_TIMEOUT": 5}
        )
        for _ in range(3):
            handler.handle(record())
        taken = list(logged)
    handler.close()

    assert taken == []
    assert len(logged) == 3


def test_again_after_close(
    handler: MailHandler, mailbox: Mailbox, record: Record
) -> None:
    """A handler that was closed, as reading a logging configuration does, goes on."""
    handler.handle(record("before"))
    handler.close()
    handler.handle(record("after"))
    handler.close()

    assert ["after" in mail.text for mail in mailbox.drain()] == [False, True]


def test_unused(handler: MailHandler, mailbox: Mailbox) -> None:
    """A handler that took nothing sends nothing."""
    handler.close()

    assert mailbox.connections == 0


def test_never_raises(
    handler: MailHandler, record: Record, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that cannot be formatted is told on stderr, and raises nothing."""
    handler.handle(record("%d", "no number"))

    assert "--- Logging error ---" in capsys.readouterr().err


@behaviour("mail.test-command")
def test_send_test(config: dict[str, Any], mailbox: Mailbox) -> None:
    """A test mail goes where errors go, and what happened is told in one line."""
    line = send_test(config | {"MAIL_PORT": mailbox.port})

    assert line == (
        "Sent a test mail to admin@example.com, second@example.com"
        f" by localhost port {mailbox.port} (no TLS)."
    )
    assert mailbox.next().text.startswith("This is a test")


@behaviour("mail.test-command")
@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("MAIL_SERVER", None, "MAIL_SERVER is not set"),
        ("ADMINS", [], "ADMINS is empty"),
        ("MAIL_PASSWORD", "x", "the password would be sent in clear"),
    ],
)
def test_send_test_fails(
    config: dict[str, Any], setting: str, value: object, reason: str
) -> None:
    """Where no test mail can be sent, the reason is told."""
    with pytest.raises(DeliveryError, match=reason):
        send_test(config | {setting: value})
