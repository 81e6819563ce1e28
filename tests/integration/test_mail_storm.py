"""Many identical errors, which send few mails with the right counts."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.mail.misbehaviour import refusing
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site

ERRORS, THOUSAND = 40, 1000
INTERVAL = 1  # second


def fail(site: Site, messages: Iterable[str]) -> None:
    """Cause the same error many times, by several visitors at once."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(site.fail, messages))


def reported(mail: Mail) -> int:
    """Return the number of errors that a mail reports."""
    held = re.search(r"^Held back: (\d+) like this since the last mail(;?)", mail.text)
    if held is None:
        return 1
    return int(held[1]) + (not held[2])  # or its own error is one of them


def collect(mailbox: Mailbox, errors: int) -> list[Mail]:
    """Wait for mails that report this many errors, and return them."""
    mails = [mailbox.next()]
    while sum(map(reported, mails)) < errors:
        mails.append(mailbox.next())
    return mails


@own_only
@behaviour("mail.storm")
def test_numbers(launch: Callable[..., Site]) -> None:
    """Each window sends at most one mail, and together they count every error."""
    with Mailbox() as mailbox:
        begin = monotonic()
        site = launch(mail=mailbox, env={"MAIL_INTERVAL": str(INTERVAL)})

        fail(site, (f"error {number}" for number in range(ERRORS)))
        mails = collect(mailbox, ERRORS)

        assert sum(map(reported, mails)) == ERRORS
        assert len(mails) <= 1 + (monotonic() - begin) / INTERVAL


@pytest.mark.slow
@own_only
@behaviour("mail.storm")
def test_thousand(launch: Callable[..., Site]) -> None:
    """A thousand errors in two processes are all counted."""
    with Mailbox() as mailbox:
        interval = {"MAIL_INTERVAL": str(INTERVAL)}
        site = launch(mail=mailbox, workers=2, env=interval)
        begin = monotonic()

        with ThreadPoolExecutor(4) as pool:
            for _ in range(4):
                pool.submit(site.probe.log, "ERROR", "the pipe burst", THOUSAND // 4)
        mails = collect(mailbox, THOUSAND)
        windows = (monotonic() - begin) / INTERVAL

        assert sum(map(reported, mails)) == THOUSAND
        assert len(mails) <= 1 + windows
        assert site.mails() == []


@behaviour("mail.storm")
def test_one_mail_of_all_processes(launch: Callable[..., Site]) -> None:
    """Identical errors in all workers of a server send a single mail."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox, workers=2, env={"MAIL_INTERVAL": "600"})
        site.require_mail()

        fail(site, ["the pipe burst"] * ERRORS)
        site.stop()

        mails = mailbox.drain()
        assert len(mails) == 1, f"{ERRORS} identical errors were {len(mails)} mails."


@own_only
@behaviour("mail.storm")
@behaviour("mail.failure-is-logged")
def test_failed_mail_is_not_a_sent_one(launch: Callable[..., Site]) -> None:
    """An error whose mail failed is counted in the mail of the next process."""
    with Mailbox() as mailbox:
        mailbox.misbehave(refusing())
        site = launch(mail=mailbox, env={"MAIL_INTERVAL": "600"})
        site.fail("the pipe burst")
        site.log.wait_for("Mail not delivered: ")
        mailbox.misbehave(None)

        site.restart()
        fail(site, ["the pipe burst"] * 3)
        mail = mailbox.next()
        site.stop()

        assert reported(mail) == 2
        assert mailbox.empty()
