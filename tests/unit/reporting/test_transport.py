"""Delivering one mail to a real mail server, well behaved or not."""

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest

from app.reporting.message import compose
from app.reporting.outbox import Parcel
from app.reporting.route import Route
from app.reporting.transport import DeliveryError, deliver
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import (
    Misbehaviour,
    disconnecting,
    dripping,
    refusing,
    silent,
)
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import ADMINS, route_to


@behaviour("mail.error-is-mailed")
def test_delivered(mailbox: Mailbox, message: EmailMessage) -> None:
    """A mail arrives once, for all its recipients."""
    deliver(message, route_to(mailbox))

    mail = mailbox.next()
    assert (mail.sender, mail.recipients) == ("no-reply@localhost", ADMINS)
    assert mail.text == "a report\n"
    assert mailbox.connections == 1


def test_own_name(mailbox: Mailbox, message: EmailMessage) -> None:
    """The client names itself by its address, which needs no name server."""
    deliver(message, route_to(mailbox))

    assert mailbox.in_clear.startswith(b"ehlo [127.0.0.1]\r\n")


@behaviour("mail.failure-is-logged")
@pytest.mark.parametrize(
    ("misbehaviour", "reason"),
    [
        (disconnecting(), "Connection unexpectedly closed"),
        (disconnecting("DATA"), "Connection unexpectedly closed"),
        (
            refusing("554 no service", at="CONNECT"),
            "the server answered 554 no service",
        ),
        (refusing("550 not you", at="MAIL"), "the server answered 550 not you"),
        (refusing("550 not them", at="RCPT"), "550, b'not them'"),
        (refusing("554 spam", at="DATA"), "the server answered 554 spam"),
        (refusing("550-a\r\n550 b", at="MAIL"), "the server answered 550 a b"),
        (refusing("550 \x1b[2Jno", at="MAIL"), "answered 550 \\x1b[2Jno"),
    ],
    ids=[
        "gone",
        "gone-late",
        "closed",
        "sender",
        "recipients",
        "text",
        "lines",
        "terminal",
    ],
)
def test_failures(
    message: EmailMessage, misbehaviour: Misbehaviour, reason: str
) -> None:
    """Whatever a server does, the failure is told in one line, with the reason."""
    with Mailbox(misbehaviour=misbehaviour) as mailbox:
        with pytest.raises(DeliveryError) as failure:
            deliver(message, route_to(mailbox))

        assert str(failure.value).startswith(
            f"localhost port {mailbox.port} (no TLS): "
        )
        assert reason in str(failure.value)
        assert str(failure.value).isprintable()


@behaviour("mail.never-blocks")
@pytest.mark.parametrize(
    "misbehaviour",
    [silent(), silent("DATA"), dripping(0.02), dripping(0.02, at="MAIL")],
    ids=["silent", "silent-late", "dripping", "dripping-late"],
)
def test_deadline(message: EmailMessage, misbehaviour: Misbehaviour) -> None:
    """A delivery ends when its time is over, however the server spends it."""
    with (
        Mailbox(misbehaviour=misbehaviour) as mailbox,
        pytest.raises(DeliveryError, match=r"not done within 0\.05 s"),
    ):
        deliver(message, route_to(mailbox, timeout=0.05))


@pytest.mark.parametrize(
    "misbehaviour",
    [disconnecting("QUIT"), refusing("500 no", at="QUIT")],
    ids=["gone", "no"],
)
def test_end_of_conversation(message: EmailMessage, misbehaviour: Misbehaviour) -> None:
    """Once the server has taken the mail, nothing makes a failure of it."""
    with Mailbox(misbehaviour=misbehaviour) as mailbox:
        deliver(message, route_to(mailbox))

        assert mailbox.next().text == "a report\n"


def test_refused_connection(message: EmailMessage) -> None:
    """Where no server listens, the refusal is told."""
    with (
        Mailbox(refuses=True) as mailbox,
        pytest.raises(DeliveryError, match="ConnectionRefusedError"),
    ):
        deliver(message, route_to(mailbox))


@pytest.mark.parametrize("host", ["a" * 64, "localhost\0"], ids=["label", "nul"])
def test_impossible_host(message: EmailMessage, host: str) -> None:
    """A host that cannot be a host is a failed delivery."""
    with pytest.raises(DeliveryError):
        deliver(message, Route(host, 25))


def test_international_recipient(mailbox: Mailbox) -> None:
    """An administrator's address may have any letter, where the server takes it."""
    message = compose(Parcel("a report\n"), "localhost", ["süsan@example.com"])

    deliver(message, route_to(mailbox))

    assert mailbox.next().recipients == ("süsan@example.com",)


class PickyMailbox(Mailbox):
    """A mail server that does not know one of the administrators."""

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take the first administrator's mail only."""
        if address != ADMINS[0]:
            return "550 who is that"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_one_recipient_refused(message: EmailMessage) -> None:
    """If one recipient is refused, the others get the mail, and the failure is told."""
    with PickyMailbox() as mailbox:
        with pytest.raises(DeliveryError, match=r"refused for second@example\.com"):
            deliver(message, route_to(mailbox))

        assert mailbox.next().recipients == (ADMINS[0],)


def test_error_of_delivery() -> None:
    """A failed delivery is an OSError, as the failures of smtplib are."""
    assert issubclass(DeliveryError, OSError)
    assert issubclass(smtplib.SMTPException, OSError)
