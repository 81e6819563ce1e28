"""Each reply of the mail server fails once; no request waits, each is logged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.harness.http.page import Page
from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.mail.misbehaviour import (
    Misbehaviour,
    disconnecting,
    refusing,
    silent,
)
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.slow, own_only, pytest.mark.timeout(180)]

CREDENTIALS = ("microblog", "correct horse")
TIMEOUT = 1.5  # seconds for a delivery


@dataclass(frozen=True)
class Struck:
    """The results of an error whose mail met one failing reply."""

    case: str
    page: Page
    #: The mails about this error, and the log records about them.
    mails: list[Mail]
    logged: str
    #: The same for the next error, when the mail server works again.
    next_page: Page
    next_mail: Mail


def is_mailed(mails: list[Mail], page: Page) -> bool:
    """Return whether there are mails, and all are about the error of a page."""
    return mails != [] and all(page.reference in mail.text for mail in mails)


def strike(
    site: Site, mailbox: Mailbox, fail: Callable[[int], Misbehaviour]
) -> Iterator[Struck]:
    """Fail one reply after another, until a mail has no more replies."""
    number = 0
    while True:
        number += 1
        site.log.forget()
        mailbox.misbehave(fail(number))
        page = site.fail(f"error {number}")
        eventually(lambda: mailbox.client_left, what="the end of the delivery")
        eventually(
            lambda: not mailbox.empty() or "Mail not delivered" in site.log.text,
            what="a mail, or a record that there is none",
        )
        if not mailbox.misbehaved:
            return
        mailbox.misbehave(None)
        next_page = site.fail(f"error after {number}")
        mails = [mailbox.next()]
        while next_page.reference not in mails[-1].text:
            mails.append(mailbox.next())
        yield Struck(
            case=f"{fail(number)}",
            page=page,
            mails=mails[:-1],
            logged=site.log.text,
            next_page=next_page,
            next_mail=mails[-1],
        )


def faults(struck: Struck) -> Iterator[str]:
    """Yield what is wrong with the results."""
    for page in (struck.page, struck.next_page):
        if (page.status, page.heading) != (500, "An unexpected error has occurred"):
            yield f"{struck.case}: it answers {page}"
        # A reference consists of random letters and may look like any word.
        text = page.text.replace(page.reference, "").casefold()
        if "smtp" in text or "deliver" in text:
            yield f"{struck.case}: the page mentions it: {text}"
    came = [mail.recipients for mail in struck.mails if is_mailed([mail], struck.page)]
    if len(came) != len(struck.mails) or len(came) > 1:
        yield f"{struck.case}: mails came: {struck.mails}"
    whole = [len(recipients) for recipients in came] == [2]
    if struck.logged.count("Mail not delivered: ") != (not whole):
        yield f"{struck.case}: mailed to {came}, but the log says: {struck.logged}"
    if len(struck.next_mail.recipients) != 2:
        yield f"{struck.case}: the next mail is not whole"


def test_mail_faults_are_detected(site: Site) -> None:
    """A wrong page, an extra mail, a false record and half a mail are detected."""
    assert site.mailbox is not None
    page = site.fail("seen")
    mail = site.mailbox.next()
    half = replace(mail, recipients=mail.recipients[:1])
    chance = page.body.replace(page.reference.encode(), b"ASMTP234")
    struck = partial(
        Struck,
        case="it",
        page=page,
        mails=[mail],
        logged="",
        next_page=page,
        next_mail=mail,
    )

    reported = [
        "".join(faults(one))
        for one in (
            struck(),
            struck(next_page=replace(page, body=chance)),
            struck(page=replace(page, status=502)),
            struck(
                next_page=replace(
                    page, body=page.body.replace(b"</main>", b"SMTP</main>")
                )
            ),
            struck(mails=[mail, mail], logged="Mail not delivered: "),
            struck(mails=[half]),
            struck(next_mail=half),
        )
    ]

    assert [text[:15] for text in reported] == [
        *("", "", "it: it answers ", "it: the page me"),
        *("it: mails came:", "it: mailed to [", "it: the next ma"),
    ]


@behaviour("mail.any-reply")
@pytest.mark.parametrize(
    "fail",
    [
        pytest.param(lambda number: refusing("451 later", at=number), id="refusing"),
        pytest.param(lambda number: disconnecting(at=number), id="disconnecting"),
        pytest.param(
            lambda number: silent(at=number),
            id="silent",
            marks=pytest.mark.lengthy,  # it waits for many timeouts
        ),
    ],
)
def test_every_reply_fails_once(
    launch: Callable[..., Site],
    tmp_path: Path,
    fail: Callable[[int], Misbehaviour],
    record_property,
) -> None:
    """If any reply of a mail server fails, it is logged and the next mail arrives."""
    with Mailbox(certificate="good", credentials=CREDENTIALS) as mailbox:
        site = launch(
            mail=mailbox,
            env={
                "MAIL_USE_TLS": "1",
                "MAIL_CA_FILE": str(write_authority(tmp_path)),
                "MAIL_USERNAME": CREDENTIALS[0],
                "MAIL_PASSWORD": CREDENTIALS[1],
                "MAIL_TIMEOUT": str(TIMEOUT),
            },
        )

        struck = list(strike(site, mailbox, fail))

        record_property("injected failures", len(struck))
        assert len(struck) > 15
        assert [fault for one in struck for fault in faults(one)] == []
        assert site.running
