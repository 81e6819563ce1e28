"""Each database step of each request fails once, and no request is half done."""

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
#: All stored data except times.
STORED = (
    'SELECT username, email, about_me FROM "user" '
    "UNION ALL SELECT 'a post', body, '' FROM post ORDER BY 1, 2"
)
#: The fixed page, allowed only where the site's own page cannot be rendered.
BARE = f"<h1>{UNEXPECTED}</h1>".encode()
#: The reference that connects a page with its record and its mail.
REFERENCE = re.compile(r"\[ref ([A-Z2-9]{8})\]")


@dataclass(frozen=True)
class Struck:
    """The results of a request in which one step failed."""

    case: str
    #: The failed step: CONNECT, COMMIT, ROLLBACK or a statement's first word.
    step: str
    page: Page
    #: The next response to the same visitor.
    following: Page
    stored: list[list[object]]
    #: The references of the logged errors.
    records: list[str]


class Trial:
    """One kind of request by one visitor, sent repeatedly from the same state."""

    def __init__(self, site: Site, kind: SampleRequest, visitor: Visitor) -> None:
        self.site, self.kind, self.visitor = site, kind, visitor
        # Signed-in users are redirected from this page.
        form = visitor.open(visitor.sitemap.login).soup
        self._token = str(form.select("[name=csrf_token]")[0]["value"])
        own, strange = (frame(each.open("/nope")) for each in (visitor, site.visitor()))
        #: The last one belongs to a user whose name could not be loaded.
        self.frames = [own, strange, ["/static/style.css", "Home"]]
        site.users.set_last_seen(LATELY)
        self.before = self._stored()
        self.usual = self._send(visitor.copy())
        self.after = self._stored()
        self._set_back(self.after)

    def _stored(self) -> list[list[object]]:
        return self.site.probe.rows(STORED)

    def _set_back(self, stored: list[list[object]]) -> None:
        """Restore the stored data if it has changed."""
        if stored != self.before:
            self.site.probe.restore()
            self.site.users.set_last_seen(LATELY)

    def _send(self, visitor: Visitor) -> Page:
        """Send the request without following a redirect."""
        data = self.kind.data
        return visitor.request(
            self.kind.method,
            self.kind.path,
            data=None if data is None else {"csrf_token": self._token, **data},
            follow=False,
        )

    def strike(self, error: str) -> Iterator[Struck]:
        """Fail one step after another, until a request has no more steps."""
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
            # This comes first, before others use the failed connections.
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
        """Yield what is wrong with the results."""
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
    """Return the reference in a message or mail, or "" without one."""
    found = REFERENCE.search(text)
    return found[1] if found else ""


def steps_of(trial: Trial, who: str) -> set[str]:
    """Return the steps, besides statements, that a request needs."""
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
    """If a database step fails, the whole request fails and is reported once."""
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
    assert mailed == [reference for one in struck for reference in one.records]


def test_faults_are_seen(site: Site, susan: Visitor) -> None:
    """Wrong pages, rows, records and next pages are detected."""
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

    found = [
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

    assert [text[:16] for text in found] == [
        *("", "", "here: it answers", "here: it answers", "here: what is st"),
        *("here: [] are log", "here: the next r"),
    ]


@behaviour("rollback.any-statement")
def test_every_route_is_tried(site: Site) -> None:
    """These requests cover every route, anonymous and signed in."""
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
