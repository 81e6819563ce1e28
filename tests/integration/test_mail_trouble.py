"""A failing mail server: no request waits for it, and the log has the reason."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import disconnecting, dripping, refusing, silent
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

REQUESTS = 20  # at once
BOUND = 1.2
MOODS = {
    "refused": partial(Mailbox, refuses=True),
    "silent": partial(Mailbox, misbehaviour=silent()),
    "dripping": partial(Mailbox, misbehaviour=dripping()),
    "disconnecting": partial(Mailbox, misbehaviour=disconnecting("DATA")),
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that works at first."""
    with Mailbox() as mailbox:
        yield mailbox


def slowest(site: Site) -> float:
    """Return the seconds of the slowest of 20 simultaneous failing requests."""

    def ask(number: int) -> float:
        begin = perf_counter()
        page = site.fail(f"error {number}")
        assert page.status == 500, f"{page.answer}."
        return perf_counter() - begin

    with ThreadPoolExecutor(REQUESTS) as pool:
        return max(pool.map(ask, range(REQUESTS)))


@behaviour("mail.never-blocks")
@pytest.mark.parametrize("mood", MOODS)
def test_no_request_waits(
    launch: Callable[..., Site], mailbox: Mailbox, mood: str
) -> None:
    """Errors are answered about as fast as with a working mail server."""
    with MOODS[mood]() as failing:
        working, site = launch(mail=mailbox), launch(mail=failing)
        working.require_mail()

        # Measure both in turn, until a round is undisturbed by other programs.
        eventually(
            lambda: slowest(site) <= BOUND * slowest(working),
            within=40,
            what=f"twenty errors as soon as with a mail server that is not {mood}",
        )
        eventually(
            lambda: mood == "refused" or failing.connections > 0, what="a mail tried"
        )
        site.kill()


@own_only
@behaviour("mail.never-blocks")
@behaviour("errors.page-without-database")
def test_database_and_mail_server_dead(
    launch: Callable[..., Site],
    mailbox: Mailbox,
    missing_database_url: str,
    susan: Visitor,
) -> None:
    """With database and mail server both down a user gets the page within 0.1 s."""
    mailbox.misbehave(silent())
    cookies = "; ".join(f"{name}={value}" for name, value in susan.cookies.items())
    site = launch(mail=mailbox, env={"DATABASE_URL": missing_database_url})
    visitor, taken = site.visitor(), []

    for _ in range(15):
        begin = perf_counter()
        page = visitor.open("/", headers={"Cookie": cookies})
        taken.append(perf_counter() - begin)
        assert page.status == 500, f"{page.answer}."
        assert page.heading == "An unexpected error has occurred"
        assert page.links
    eventually(lambda: mailbox.connections == 1, what="a mail that is tried")
    site.kill()

    assert min(taken) < 0.1  # a request that waits for a server does so each time


@own_only
@behaviour("mail.failure-is-logged")
def test_failure_is_logged(launch: Callable[..., Site], mailbox: Mailbox) -> None:
    """An undeliverable mail leaves one record with the reason, and no mail."""
    faults = {
        "refused": (refusing("550 not here"), "the server answered 550 not here"),
        "not-taken": (refusing("452 full", at="DATA"), "the server answered 452 full"),
        "disconnecting": (disconnecting(), "SMTPServerDisconnected"),
        "silent": (silent(), "not done within 1 s"),
        "dripping": (dripping(), "not done within 1 s"),
    }
    site = launch(mail=mailbox, env={"MAIL_TIMEOUT": "1"})

    for fault, reason in faults.values():
        mailbox.misbehave(fault)
        site.log.forget()
        site.fail()
        record = site.log.wait_for("Mail not delivered: ")
        assert reason in record.message

        levels = [record.level for record in site.records()]
        assert levels == ["ERROR", "WARNING"]
    assert mailbox.empty()


@own_only
@behaviour("mail.flushed-at-exit")
def test_bounded_queue(launch: Callable[..., Site], mailbox: Mailbox) -> None:
    """Mail queued for a silent server is bounded, and drops are counted."""
    mailbox.misbehave(silent())
    site = launch(mail=mailbox, env={"MAIL_TIMEOUT": "2"})

    site.probe.log("ERROR", "error %d", count=150)

    dropped = site.log.wait_for("Mail dropped, too much was waiting: ")
    assert 48 <= int(dropped.message.rpartition(" ")[2]) <= 50
    eventually(lambda: mailbox.connections > 1, what="the next mail")
    site.kill()
