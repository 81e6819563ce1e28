"""Each operation on the log's files fails once; page and mail are unaffected."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle
from uuid import uuid4

import pytest

from tests.harness.http.page import Page
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

pytestmark = [pytest.mark.slow, own_only, pytest.mark.xdist_group("file-faults")]

ERRORS = {
    "ENOSPC": "No space left",
    "EACCES": "Permission denied",
    "EIO": "Input/output error",
}


def plain(site: Site) -> None:
    """Leave the log unchanged."""


def nearly_full(site: Site) -> None:
    """Fill the log so that the next error rotates it, with distinct backups."""
    site.probe.log("WARNING", f"{uuid4()} {'x' * 9_900}")


def missing(site: Site) -> None:
    """Remove the log's folder."""
    shutil.rmtree(site.log.directory)


def kept(site: Site) -> list[str]:
    """Return how each log file begins, except the two that rotation may drop."""
    beginnings = [path.read_text("utf-8")[:100] for path in reversed(site.log.files)]
    return beginnings[:-2]


@dataclass(frozen=True)
class Struck:
    """The results of a failing request in which a file operation failed too."""

    case: str
    page: Page
    #: What was mailed, logged and printed since then.
    mailed: str
    logged: str
    printed: str
    #: How the lost files began, except the oldest.
    lost: list[str]


def strike(
    site: Site, prepare: Callable[[Site], None], errors: Sequence[str]
) -> Iterator[Struck]:
    """Fail one operation after another, cycling through the errors."""
    assert site.mailbox is not None
    number, turn = 0, cycle(errors)
    while True:
        number, error = number + 1, next(turn)
        prepare(site)
        site.log.forget()
        before = kept(site)
        printed = len(site.output)
        site.probe.break_file(number, error)
        page = site.fail(f"{error} {number}")
        mail = site.mailbox.next()
        if not site.probe.fault_triggered:
            site.probe.clear_fault()
            return
        site.probe.log("WARNING", f"after {error} {number}")
        site.log.wait_for(f"after {error} {number}")
        everything = "".join(path.read_text("utf-8") for path in site.log.files)
        yield Struck(
            case=f"{error} at operation {number}, {site.probe.fault_step}",
            page=page,
            mailed=mail.text,
            logged=site.log.text,
            printed=site.output[printed:],
            lost=[each for each in before if each not in everything],
        )


def faults(struck: Struck) -> Iterator[str]:
    """Yield what is wrong with the results."""
    page, reference = struck.page, struck.page.reference
    if (page.status, page.heading) != (500, "An unexpected error has occurred"):
        yield f"{struck.case}: it answers {page}"
    if any(words in page.text for words in (*ERRORS.values(), "microblog.log")):
        yield f"{struck.case}: the page mentions it"
    if not reference or reference not in struck.mailed:
        yield f"{struck.case}: the mail is not of {reference}"
    if reference not in struck.logged and "not written: " not in struck.printed:
        yield f"{struck.case}: the error is neither logged nor reported as not logged"
    if struck.lost:
        yield f"{struck.case}: a backup is lost: {struck.lost}"
    if "Traceback" in struck.printed.replace(f"[ref {reference}]\nTraceback", ""):
        yield f"{struck.case}: a traceback is printed: {struck.printed}"


@pytest.fixture(scope="module")
def reporting(launcher: Launcher) -> Iterator[Site]:
    """A site that records its mails in a file and holds few back."""
    interval = {"MAIL_INTERVAL": "0.001"}
    with Mailbox() as mailbox, launcher.launch(mail=mailbox, env=interval) as site:
        yield site


def test_faults_are_detected(reporting: Site) -> None:
    """A wrong page, a lost mail, record or backup, and a bare trace are detected."""
    assert reporting.mailbox is not None
    page = reporting.fail("seen")
    text = reporting.mailbox.next().text
    struck = partial(
        Struck, case="it", page=page, mailed=text, logged=text, printed="", lost=[]
    )

    reported = [
        "".join(faults(one))
        for one in (
            struck(),
            struck(page=replace(page, status=502)),
            struck(
                page=replace(
                    page, body=page.body.replace(b"</main>", b"No space left</main>")
                )
            ),
            struck(mailed=""),
            struck(logged=""),
            struck(lost=["a line"]),
            struck(printed="Traceback"),
        )
    ]

    assert [text[:15] for text in reported] == [
        *("", "it: it answers ", "it: the page me", "it: the mail is"),
        *("it: the error i", "it: a backup is", "it: a traceback"),
    ]


@behaviour("log.any-operation")
@pytest.mark.parametrize(
    ("prepare", "errors"),
    [
        *[(plain, [error]) for error in ERRORS],
        *[(missing, [error]) for error in ERRORS],
        (nearly_full, list(ERRORS)),  # there are many, and all are handled the same way
    ],
)
def test_every_operation_fails_once(
    reporting: Site,
    prepare: Callable[[Site], None],
    errors: list[str],
    record_property,
) -> None:
    """Whichever file operation fails, page and mail are as usual."""
    struck = list(strike(reporting, prepare, errors))

    record_property("injected failures", len(struck))
    assert len(struck) > 5
    assert [fault for one in struck for fault in faults(one)] == []
    assert reporting.running
