"""Each step of each request fails once in the database: what must hold holds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.harness.behaviour import SHOULD, behaviour, own_only
from tests.harness.page import Page
from tests.harness.site import Site
from tests.harness.visitor import PASSWORD, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.stored, own_only]

ERRORS = ("IntegrityError", "OperationalError", "disconnect")
LATELY, LONG_AGO = "2999-01-01 00:00:00", "2000-01-01 00:00:00"
#: All that is stored, but for times.
STORED = (
    'SELECT username, email, about_me FROM "user" '
    "UNION ALL SELECT 'a post', body, '' FROM post ORDER BY 1, 2"
)
MEMBER, STRANGER = "member", "stranger"


@dataclass(frozen=True)
class Kind:
    """A request: a path to open or, with ``data``, to post to, and who does it."""

    name: str
    path: str
    data: Mapping[str, str] | None = None
    whose: tuple[str, ...] = (MEMBER, STRANGER)
    #: Whether its visitor was last seen long ago, so that it is noted anew.
    away: bool = False

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.data is None else "POST"


def to_register(username: str) -> dict[str, str]:
    """Return a filled-in registration form."""
    email = f"{username}@example.com"
    passwords = {"password": PASSWORD, "password2": PASSWORD}
    return {"username": username, "email": email, **passwords}


KINDS = (
    Kind("home", "/"),
    Kind("first-in-a-while", "/", whose=(MEMBER,), away=True),
    Kind("older", "/?before=2", whose=(MEMBER,)),
    Kind("profile", "/user/john"),
    Kind("no-profile", "/user/nobody", whose=(MEMBER,)),
    Kind("no-page", "/nope"),
    Kind("static", "/static/style.css"),
    Kind("edit-form", "/edit_profile"),
    Kind("sign-in-form", "/login"),
    Kind("register-form", "/register"),
    Kind("write", "/", {"body": "A post"}),
    Kind("write-nothing", "/", {"body": ""}, whose=(MEMBER,)),
    Kind("edit", "/edit_profile", {"username": "susan", "about_me": "About me"}),
    Kind(
        "rename",
        "/edit_profile",
        {"username": "susanna", "about_me": "Renamed"},
        whose=(MEMBER,),
    ),
    Kind("rename-to-taken", "/edit_profile", {"username": "john"}, whose=(MEMBER,)),
    Kind("sign-in", "/login", {"username": "john", "password": PASSWORD}),
    Kind(
        "sign-in-wrong",
        "/login",
        {"username": "john", "password": "no"},
        whose=(STRANGER,),
    ),
    Kind("sign-out", "/logout", {}),
    Kind("register", "/register", to_register("new")),
    Kind("register-taken", "/register", to_register("john"), whose=(STRANGER,)),
)


@dataclass(frozen=True)
class Struck:
    """What came of a request in which one step failed."""

    case: str
    page: Page
    stored: list[list[object]]
    #: How many errors were logged.
    records: int
    #: What the same visitor gets next.
    following: Page


class Trial:
    """One kind of request of one visitor, sent again and again from the same state."""

    def __init__(self, site: Site, kind: Kind, visitor: Visitor) -> None:
        self.site, self.kind, self.visitor = site, kind, visitor
        # One page has a form for both: members are sent home from there.
        form = visitor.open(visitor.sitemap.login).soup
        self._token = str(form.select("[name=csrf_token]")[0]["value"])
        site.people.see_last(LATELY)
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
            self.site.people.see_last(LATELY)

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
            if self.kind.away:
                self.site.people.see_last(LONG_AGO)
            self.site.log.forget()
            visitor = self.visitor.copy()
            self.site.probe.break_statement(number, error)
            page = self._send(visitor)
            stored = self._stored()
            self._set_back(stored)
            if not self.site.probe.struck:
                self.site.probe.mend()
                return
            yield Struck(
                case=f"{error} at step {number}",
                page=page,
                stored=stored,
                records=[one.level for one in self.site.records()].count("ERROR"),
                following=visitor.home(),
            )

    def faults(self, struck: Struck) -> Iterator[str]:
        """Yield what should not have come of it."""
        page, failed = struck.page, struck.page.status == 500
        if page.status >= 400 and not (
            page.links and page.status in (self.usual.status, 500)
        ):
            yield f"{struck.case}: it answers {page}"
        if struck.stored not in (
            [self.before] if failed else [self.before, self.after]
        ):
            yield f"{struck.case}: what is stored then: {struck.stored}"
        if struck.records != failed:
            yield f"{struck.case}: {struck.records} errors are logged for {page}"
        if struck.following.status != 200:
            yield f"{struck.case}: the next request gets {struck.following}"


@behaviour("rollback.any-statement", SHOULD)
@pytest.mark.parametrize(
    ("kind", "who"),
    [
        pytest.param(kind, who, id=f"{kind.name}-{who}")
        for kind in KINDS
        for who in kind.whose
    ],
)
def test_every_step_fails_once(
    site: Site, susan: Visitor, visitor: Visitor, kind, who, record_property
) -> None:
    """Whichever step in the database fails, and how, a request fails as a whole."""
    trial = Trial(site, kind, susan if who == MEMBER else visitor)

    struck = [one for error in ERRORS for one in trial.strike(error)]

    record_property("injected failures", len(struck))
    assert [fault for one in struck for fault in trial.faults(one)] == []
    assert len(site.mails()) == sum(one.records for one in struck)


def test_faults_are_seen(site: Site, susan: Visitor) -> None:
    """A wrong page, a wrong row, a wrong number of records and a dead site are told."""
    kind = Kind("profile", "/user/john")
    trial = Trial(site, kind, susan)
    fine, failed = susan.profile("john"), site.fail()
    struck = partial(
        Struck, case="here", page=failed, stored=trial.before, records=1, following=fine
    )

    told = [
        "".join(trial.faults(one))
        for one in (
            struck(),
            struck(page=susan.open("/static/style.css"), records=0),
            struck(page=replace(failed, status=502), records=0),
            struck(stored=[]),
            struck(records=0),
            struck(following=failed),
        )
    ]

    assert [text[:16] for text in told] == [
        *("", "", "here: it answers", "here: what is st"),
        *("here: 0 errors a", "here: the next r"),
    ]


@behaviour("rollback.any-statement", SHOULD)
def test_every_route_is_tried(site: Site) -> None:
    """Every route of the site is among these requests, by members and strangers."""
    tried = {
        (urlsplit(kind.path).path, kind.method, who)
        for kind in KINDS
        for who in kind.whose
    }

    untried = [
        (rule, method, who)
        for rule, methods, _ in site.probe.routes()
        for method in {"GET", "POST"} & set(methods)
        for who in (MEMBER, STRANGER)
        if not any(
            re.fullmatch(re.sub("<.*?>", ".+", rule), path) and rest == [method, who]
            for path, *rest in tried
        )
    ]

    assert untried == []
