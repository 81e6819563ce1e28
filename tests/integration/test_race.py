"""Simultaneous requests for one name: one gets it, the others a form error."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.harness.http.page import Page
from tests.harness.http.visitor import PASSWORD, Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.probe.barrier import barrier
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.strategies import by_profile

pytestmark = [pytest.mark.slow, pytest.mark.stored]

TAKEN = ["Please use a different username."]
TAKEN_ADDRESS = ["Please use a different email address."]
#: One name, the second time in full-width letters.
SPELLINGS = ["wanted", "Ｗanted"]
WRITES_NAME = r'UPDATE "?user"? SET .*username'
WRITES_USER = r'INSERT INTO "?user"?'
#: gunicorn's access log: https://docs.gunicorn.org/en/stable/settings.html#access-log-format
ANSWERS = "--access-logfile - --access-logformat 'answered by %(p)s: %(m)s'"


def concurrent_statuses(actions: list[Callable[[], Page]]) -> list[Page]:
    """Return the pages of actions that start together, each in its own thread."""
    start = Barrier(len(actions))

    def act(action: Callable[[], Page]) -> Page:
        start.wait(10)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def renaming(visitor: Visitor, name: str) -> Callable[[], Page]:
    """Open the profile form now; return a function that sends a name."""
    form = visitor.form(visitor.open(visitor.sitemap.edit_profile), "about_me")
    return lambda: visitor.submit(form, username=name)


def registering(visitor: Visitor, name: str, email: str) -> Callable[[], Page]:
    """Open the registration form now; return a function that sends it."""
    form = visitor.form(visitor.open(visitor.sitemap.register), "email")
    passwords = {"password": PASSWORD, "password2": PASSWORD}
    return lambda: visitor.submit(form, username=name, email=email, **passwords)


def stored(site: Site, name: str) -> int:
    """Return how many users have the name."""
    query = f"SELECT count(*) FROM \"user\" WHERE username = '{name}'"
    return int(site.probe.rows(query)[0][0])


def signed_in_as(page: Page) -> str:
    """Return the name in the page's header."""
    [name] = page.soup.select("header .viewer bdi")
    return name.get_text()


def errors(site: Site) -> list[str]:
    """Return the errors that the site logged."""
    return [one.message for one in site.records() if one.level == "ERROR"]


@pytest.fixture
def renamed(site: Site, susan: Visitor, john: Visitor) -> list[Page]:
    """The pages of susan and john after both requested one free name at once."""
    actions = [renaming(one, "wanted") for one in (susan, john)]
    with barrier(site, WRITES_NAME):
        return concurrent_statuses(actions)


@pytest.fixture
def registered(site: Site) -> list[Page]:
    """The pages of two new users who requested one name at once."""
    addresses = ("one@example.com", "two@example.com")
    actions = [registering(site.visitor(), "wanted", email) for email in addresses]
    with barrier(site, WRITES_USER):
        return concurrent_statuses(actions)


@behaviour("edit-profile.race")
def test_one_of_two_renames_is_saved(site: Site, renamed: list[Page]) -> None:
    """Of two simultaneous renames one is saved, and one gets the form's message."""
    assert [page.status for page in renamed] == [200, 200]
    assert sorted(page.errors("Username") for page in renamed) == [[], TAKEN]
    assert stored(site, "wanted") == 1


@behaviour("edit-profile.race")
def test_lost_rename_is_no_error(site: Site, renamed: list[Page]) -> None:
    """A rename that loses the race is neither logged as an error nor mailed."""
    assert site.mails() == []
    assert errors(site) == []


@behaviour("edit-profile.race-keeps-old-name")
def test_loser_sees_the_stored_name(
    susan: Visitor, john: Visitor, renamed: list[Page]
) -> None:
    """The loser's page shows the stored name, and the form the typed one."""
    [(loser, page)] = [
        pair
        for pair in zip((susan, john), renamed, strict=True)
        if pair[1].errors("Username")
    ]

    assert signed_in_as(page) == loser.username
    assert page.link("Profile").endswith(loser.sitemap.profile(loser.username))
    assert page.value("Username") == "wanted"


@behaviour("edit-profile.race")
def test_next_rename_of_the_loser(
    susan: Visitor, john: Visitor, renamed: list[Page]
) -> None:
    """The next rename of the user who lost a race is saved."""
    [loser] = [
        one
        for one, page in zip((susan, john), renamed, strict=True)
        if page.errors("Username")
    ]

    loser.edit_profile(username="another")

    assert loser.profile("another").status == 200


@behaviour("accounts.register-race")
def test_one_of_two_registrations_is_made(site: Site, registered: list[Page]) -> None:
    """Of two simultaneous registrations one succeeds; one gets the form's message."""
    [made, refused] = sorted(registered, key=lambda page: page.path)

    assert (made.status, made.path) == (200, "/login")
    assert (refused.status, refused.errors("Username")) == (200, TAKEN)
    assert stored(site, "wanted") == 1


@behaviour("edit-profile.race")
@behaviour("edit-profile.same-name-other-spelling")
def test_renames_to_two_spellings(site: Site, susan: Visitor, john: Visitor) -> None:
    """Of simultaneous renames to two spellings of one name, one is saved."""
    actions = [renaming(susan, SPELLINGS[0]), renaming(john, SPELLINGS[1])]
    with barrier(site, WRITES_NAME):
        pages = concurrent_statuses(actions)

    assert [page.status for page in pages] == [200, 200]
    assert sorted(page.errors("Username") for page in pages) == [[], TAKEN]
    assert sum(stored(site, spelling) for spelling in SPELLINGS) == 1
    assert errors(site) == []


@behaviour("accounts.register-race")
@behaviour("edit-profile.same-name-other-spelling")
def test_registrations_of_two_spellings(site: Site) -> None:
    """Of simultaneous registrations of two spellings of one name, one succeeds."""
    actions = [
        registering(site.visitor(), spelling, f"{number}@example.com")
        for number, spelling in enumerate(SPELLINGS)
    ]
    with barrier(site, WRITES_USER):
        [made, refused] = sorted(
            concurrent_statuses(actions), key=lambda page: page.path
        )

    assert (made.path, refused.errors("Username")) == ("/login", TAKEN)
    assert sum(stored(site, spelling) for spelling in SPELLINGS) == 1
    assert errors(site) == []


@behaviour("accounts.register-race")
def test_lost_registration_is_no_error(site: Site, registered: list[Page]) -> None:
    """A registration that loses the race is neither logged as an error nor mailed."""
    assert site.mails() == []
    assert errors(site) == []


@behaviour("accounts.register-race")
def test_race_for_an_address(site: Site) -> None:
    """Of simultaneous registrations of one address one gets the form's message."""
    actions = [registering(site.visitor(), n, "one@example.com") for n in ("a", "b")]
    with barrier(site, WRITES_USER):
        [_, refused] = sorted(concurrent_statuses(actions), key=lambda page: page.path)

    assert refused.errors("Email") == TAKEN_ADDRESS
    assert stored(site, "a") + stored(site, "b") == 1


@pytest.fixture
def busy(launcher: Launcher) -> Site:
    """A site of four server processes, each with its access log."""
    return launcher.shared(workers=4, GUNICORN_CMD_ARGS=ANSWERS)


def answering(output: str) -> set[str]:
    """Return the processes that answered a form, from the server's output."""
    return set(re.findall(r"^answered by <(\d+)>: POST", output, re.MULTILINE))


@pytest.fixture
def crowd(busy: Site) -> list[Visitor]:
    """Six signed-in visitors."""

    def join(number: int) -> Visitor:
        visitor = busy.visitor()
        visitor.register(f"visitor-{number}")
        visitor.sign_in(f"visitor-{number}")
        return visitor

    with ThreadPoolExecutor(6) as pool:
        return list(pool.map(join, range(6)))


@pytest.mark.timeout(300)
@behaviour("edit-profile.race")
@behaviour("edit-profile.race-keeps-old-name")
def test_storm_of_renames(busy: Site, crowd: list[Visitor]) -> None:
    """Of six simultaneous renames on four processes one is saved each time."""
    before = busy.output
    names = [visitor.username for visitor in crowd]
    for number in range(by_profile(quick=5, thorough=30)):
        name = f"wanted-{number}"
        pages = concurrent_statuses([renaming(one, name) for one in crowd])

        assert {page.status for page in pages} == {200}
        assert sorted(page.errors("Username") for page in pages) == [[], *[TAKEN] * 5]
        assert stored(busy, name) == 1
        names = [
            old if page.errors("Username") else name
            for old, page in zip(names, pages, strict=True)
        ]
        assert [signed_in_as(page) for page in pages] == names
        assert [signed_in_as(visitor.copy().home()) for visitor in crowd] == names
    assert errors(busy) == []
    assert busy.mails() == []
    assert len(answering(busy.output.removeprefix(before))) > 1


@pytest.mark.timeout(300)
@behaviour("accounts.register-race")
def test_storm_of_registrations(busy: Site) -> None:
    """Of six simultaneous registrations on four processes one succeeds each time."""
    before = busy.output
    for number in range(by_profile(quick=2, thorough=30)):
        name = f"wanted-{number}"
        pages = concurrent_statuses(
            [
                registering(busy.visitor(), name, f"{number}-{one}@example.com")
                for one in range(6)
            ]
        )

        assert {page.status for page in pages} == {200}
        assert sorted(page.path for page in pages) == ["/login", *["/register"] * 5]
        refused = [page for page in pages if page.path == "/register"]
        assert [page.errors("Username") for page in refused] == [TAKEN] * 5
        assert stored(busy, name) == 1
    assert errors(busy) == []
    assert busy.mails() == []
    assert len(answering(busy.output.removeprefix(before))) > 1
