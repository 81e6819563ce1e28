"""Each step of each request fails once in the database: what must hold holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.harness.http.layout import frame
from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.integration.database_loss import UNEXPECTED
from tests.integration.sample_requests import (
    ANONYMOUS,
    MEMBER,
    SAMPLE_REQUESTS,
    SampleRequest,
)

pytestmark = own_only

ERRORS = ("IntegrityError", "OperationalError", "disconnect")
LATELY, LONG_AGO = "2999-01-01 00:00:00", "2000-01-01 00:00:00"
#: All that is stored, but for times.
STORED = (
    'SELECT username, email, about_me FROM "user" '
    "UNION ALL SELECT 'a post', body, '' FROM post ORDER BY 1, 2"
)
#: The fixed page, which is right only where the site's own cannot be made.
BARE = f"<h1>{UNEXPECTED}</h1>".encode()
#: Ties a page to its record and its mail.
REFERENCE = re.compile(r"\[ref ([A-Z2-9]{8})\]")


@dataclass(frozen=True)
class Struck:
    """What came of a request in which one step failed."""

    case: str
    #: What failed: CONNECT, COMMIT, ROLLBACK or a statement's first word.
    step: str
    page: Page
    #: What the same visitor gets next.
    following: Page
    stored: list[list[object]]
    #: The references of the errors that were logged.
    records: list[str]


class Trial:
    """One kind of request of one visitor, sent again and again from the same state."""

    def __init__(self, site: Site, kind: SampleRequest, visitor: Visitor) -> None:
        self.site, self.kind, self.visitor = site, kind, visitor
        # One page has a form for both: members are sent home from there.
        form = visitor.open(visitor.sitemap.login).soup
        self._token = str(form.select("[name=csrf_token]")[0]["value"])
        own, strange = (frame(each.open("/nope")) for each in (visitor, site.visitor()))
        #: The last is a member's whose name the database could not tell.
        self.frames = [own, strange, ["/static/style.css", "Home"]]
        site.users.set_last_seen(LATELY)
        self.before = self._stored()
        self.usual = self._send(visitor.copy())
        self.after = self._stored()
        self._set_back(self.after)

    def _stored(self) -> list[list[object]]:
        return self.site.probe.rows(STORED)

    def _set_back(self, stored: list[list[object]]) -> None:
        """Bring back what was stored before, if something else is stored now."""
        if stored != self.before:
            self.site.probe.restore()
            self.site.users.set_last_seen(LATELY)

    def _send(self, visitor: Visitor) -> Page:
        """Send the request, and follow no redirect: that is another request."""
        data = self.kind.data
        return visitor.request(
            self.kind.method,
            self.kind.path,
            data=None if data is None else {"csrf_token": self._token, **data},
            follow=False,
        )

    def strike(self, error: str) -> Iterator[Struck]:
        """Let step after step fail with an error, as long as there are steps."""
        number = 0
        while True:
            number += 1
            if self.kind.long_absent:
                self.site.users.set_last_seen(LONG_AGO)
            self.site.log.forget()
            visitor = self.visitor.copy()
            self.site.probe.break_statement(number, error)
            page = self._send(visitor)
            if not self.site.probe.fault_triggered:
                self.site.probe.clear_fault()
                self._set_back(self._stored())
                return
            # Asked for before anything else uses the connections of the failure.
            following = visitor.home()
            stored = self._stored()
            self._set_back(stored)
            step = self.site.probe.fault_step.split()[0]
            yield Struck(
                case=f"{error} at step {number} ({step})",
                step=step,
                page=page,
                following=following,
                stored=stored,
                records=[
                    reference_in(one.message)
                    for one in self.site.records()
                    if one.level == "ERROR"
                ],
            )

    def faults(self, struck: Struck) -> Iterator[str]:
        """Yield what should not have come of it."""
        page, failed = struck.page, struck.page.status == 500
        known = {500: UNEXPECTED, self.usual.status: self.usual.heading}
        if page.status >= 400 and not (
            page.heading == known.get(page.status) and frame(page) in self.frames
        ):
            yield f"{struck.case}: it answers {page}"
        if struck.stored not in (
            [self.before] if failed else [self.before, self.after]
        ):
            yield f"{struck.case}: what is stored then: {struck.stored}"
        if struck.records != ([page.reference] if failed else []):
            yield f"{struck.case}: {struck.records} are logged for {page}"
        if struck.following.status != 200:
            yield f"{struck.case}: the next request gets {struck.following}"


def reference_in(text: str) -> str:
    """Return the reference that a record's message or a mail tells, "" if none."""
    found = REFERENCE.search(text)
    return found[1] if found else ""


def steps_of(trial: Trial, who: str) -> set[str]:
    """Return the steps, besides statements, that a request cannot do without."""
    if who not in trial.kind.queried_for:
        return set()
    return {"CONNECT", "ROLLBACK"} | (
        {"COMMIT"} if trial.after != trial.before else set()
    )


@pytest.mark.slow
@pytest.mark.stored
@behaviour("rollback.any-statement")
@pytest.mark.parametrize(
    ("kind", "who"),
    [
        pytest.param(kind, who, id=f"{kind.name}-{who}")
        for kind in SAMPLE_REQUESTS
        for who in kind.senders
    ],
)
def test_every_step_fails_once(
    site: Site, susan: Visitor, visitor: Visitor, kind, who, record_property
) -> None:
    """Whichever step in the database fails, and how, a request fails as a whole."""
    trial = Trial(site, kind, susan if who == MEMBER else visitor)

    by_error = {error: list(trial.strike(error)) for error in ERRORS}

    struck = [one for each in by_error.values() for one in each]
    record_property("injected failures", len(struck))
    asked = who in kind.queried_for
    assert {error: bool(each) for error, each in by_error.items()} == dict.fromkeys(
        ERRORS, asked
    )
    assert steps_of(trial, who) - {one.step for one in struck} == set()
    assert [fault for one in struck for fault in trial.faults(one)] == []
    mailed = [reference_in(mail.text) for mail in site.mails()]
    assert mailed == [one.page.reference for one in struck if one.page.status == 500]


def test_faults_are_seen(site: Site, susan: Visitor) -> None:
    """A wrong page, a wrong row, a wrong number of records and a dead site are told."""
    kind = SampleRequest("profile", "/user/john")
    trial = Trial(site, kind, susan)
    fine, failed = susan.profile("john"), site.fail()
    struck = partial(
        Struck,
        case="here",
        step="SELECT",
        page=failed,
        following=fine,
        stored=trial.before,
        records=[failed.reference],
    )

    told = [
        "".join(trial.faults(one))
        for one in (
            struck(),
            struck(page=susan.open("/static/style.css"), records=[]),
            struck(page=replace(failed, status=502), records=[]),
            struck(page=replace(failed, body=BARE), records=[""]),
            struck(stored=[]),
            struck(records=[]),
            struck(following=failed),
        )
    ]

    assert [text[:16] for text in told] == [
        *("", "", "here: it answers", "here: it answers", "here: what is st"),
        *("here: [] are log", "here: the next r"),
    ]


@behaviour("rollback.any-statement")
def test_every_route_is_tried(site: Site) -> None:
    """Every route of the site is among these requests, by members and strangers."""
    tried = {
        (urlsplit(kind.path).path, kind.method, who)
        for kind in SAMPLE_REQUESTS
        for who in kind.senders
    }

    untried = [
        (rule, method, who)
        for rule, methods, _ in site.probe.routes()
        for method in {"GET", "POST"} & set(methods)
        for who in (MEMBER, ANONYMOUS)
        if not any(
            re.fullmatch(re.sub("<.*?>", ".+", rule), path) and rest == [method, who]
            for path, *rest in tried
        )
    ]

    assert untried == []
