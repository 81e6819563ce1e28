"""How a mail server fails its clients."""

import contextlib
import smtplib
import socket
import time
from collections.abc import Callable

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import (
    Misbehaviour,
    disconnecting,
    dripping,
    refusing,
    silent,
)
from tests.integration.harness.mail.smtp_client import Client

COMMANDS = ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"]


def deliver(misbehaviour: Misbehaviour, timeout: float = 5.0) -> None:
    """Try to deliver a mail, and check that it did not arrive."""
    with (
        Mailbox(misbehaviour=misbehaviour) as mailbox,
        Client(mailbox, timeout) as client,
    ):
        try:
            client.deliver()
        finally:
            client.close()
            assert mailbox.empty()


@pytest.mark.parametrize("at", COMMANDS)
def test_disconnecting(at: str) -> None:
    """A disconnecting server closes the connection in place of a reply."""
    with pytest.raises(smtplib.SMTPServerDisconnected):
        deliver(disconnecting(at))


@pytest.mark.parametrize("at", COMMANDS)
def test_silent(at: str) -> None:
    """A silent server sends nothing more until the client gives up."""
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        deliver(silent(at), timeout=0.05)


@pytest.mark.parametrize(
    ("at", "kind"),
    [
        ("CONNECT", smtplib.SMTPConnectError),
        ("EHLO", smtplib.SMTPHeloError),
        ("MAIL", smtplib.SMTPSenderRefused),
        ("RCPT", smtplib.SMTPRecipientsRefused),
        ("DATA", smtplib.SMTPDataError),
    ],
)
def test_refusing(at: str, kind: type[Exception]) -> None:
    """A refusing server sends its reply and keeps no mail."""
    with pytest.raises(kind, match=r"550.*not today"):
        deliver(refusing("550 not today", at))


def test_dripping() -> None:
    """A dripping server sends complete replies, one byte at a time."""
    with Mailbox(misbehaviour=dripping(0.002, at="RCPT")) as mailbox:
        start = time.monotonic()
        with Client(mailbox) as client:
            client.deliver()

        assert time.monotonic() - start >= 0.002 * len("250 OK\r\n" * 2)
        assert mailbox.next().subject == "Failure"


@pytest.mark.parametrize("make", [silent, disconnecting, refusing])
def test_mail_before_the_misbehaviour(make: Callable[..., Misbehaviour]) -> None:
    """A mail that is accepted before the misbehaviour arrives."""
    with (
        Mailbox(misbehaviour=make(at="QUIT")) as mailbox,
        Client(mailbox) as client,
    ):
        client.deliver()
        client.close()

        assert mailbox.next().subject == "Failure"


def test_reply_by_number() -> None:
    """A server can misbehave at one reply of a connection, where the greeting is 1."""
    replies = []
    with Mailbox() as mailbox:
        for number in (1, 2, 3):
            mailbox.misbehave(refusing("421 not now", at=number))
            with (
                socket.create_connection(("127.0.0.1", mailbox.port), 5) as client,
                client.makefile("rwb") as lines,
            ):
                got = [lines.readline()]
                for _ in range(2):
                    lines.write(b"NOOP\r\n")
                    lines.flush()
                    got.append(lines.readline())
            assert mailbox.misbehaved
            replies.append([line[:3] for line in got])

    assert replies == [
        [b"421", b"250", b"250"],
        [b"220", b"421", b"250"],
        [b"220", b"250", b"421"],
    ]


@pytest.mark.parametrize("make", [silent, disconnecting, refusing])
def test_final_reply_by_number(make: Callable[..., Misbehaviour]) -> None:
    """A mail is not kept if the reply to its text is the one that fails."""
    greeting, mail, rcpt, data = 1, 1, 2, 1
    with Mailbox() as mailbox, Client(mailbox) as client:
        client.ehlo()
        ehlo = len((client.ehlo_resp or b"").splitlines())
    number = greeting + ehlo + mail + rcpt + data + 1

    with Mailbox(misbehaviour=make(at=number)) as mailbox:
        # Only a silent server makes the client wait until its timeout.
        client = Client(mailbox, 1 if make is silent else 5)
        with contextlib.closing(client), pytest.raises(smtplib.SMTPException):
            client.deliver()
        assert (mailbox.misbehaved, mailbox.empty()) == (True, True)


def test_no_misbehaviour_yet() -> None:
    """A server that has not got as far as its misbehaviour has not misbehaved."""
    with Mailbox(misbehaviour=disconnecting(99)) as mailbox, Client(mailbox) as client:
        assert not mailbox.misbehaved
        client.deliver()

        assert not mailbox.misbehaved
