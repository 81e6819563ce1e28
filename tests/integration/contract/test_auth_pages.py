"""Finding the sign-in and registration pages."""

from typing import Any

import pytest

from tests.contract.auth_pages import (
    demand_stored,
    find_auth_page,
    find_members_only,
)
from tests.contract.target_errors import CannotBeJudged, RegistrationFailed
from tests.harness.http.page import Page
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.integration.contract.scripted_target import REGISTER, SIGN_IN


def auth_page(site: Any, key: str, **places: str) -> str:
    """Return the path of the sign-in or registration page that is found."""
    with Visitor(lambda: site.url, SiteMap(places={"home": "/", **places})) as visitor:
        return find_auth_page(site, visitor, site.probe.routes(), key)[0].path


def test_linked(site: Any) -> None:
    """A page that the home page links to is found at any address."""
    site.serve("/", '<a href="/a">Sign in</a><a href="/b">Join us</a>')
    site.pages.answer("/a", SIGN_IN)
    site.pages.answer("/b", REGISTER)

    assert (auth_page(site, "login"), auth_page(site, "register")) == ("/a", "/b")


def test_not_linked(site: Any) -> None:
    """A page without a link to it is found by its route, under any name."""
    site.serve("/", "nothing")
    site.serve("/somewhere", REGISTER)

    assert auth_page(site, "register") == "/somewhere"


def test_named_by_a_profile(site: Any) -> None:
    """An address in a profile takes precedence."""
    site.serve("/login", SIGN_IN)
    site.serve("/", "nothing")
    site.pages.answer("/hidden", SIGN_IN)

    assert auth_page(site, "login", login="/hidden") == "/hidden"


def test_not_found(site: Any) -> None:
    """The message on a missing page lists the addresses tried and the setting."""
    site.serve("/", SIGN_IN)
    site.serve("/nope", "gone", status="404 Not Found")

    with pytest.raises(CannotBeJudged) as raised:
        auth_page(site, "register")

    assert str(raised.value) == (
        "No page to register was found. Tried: / 200, /nope 404.\n"
        'A profile can name its address: [places] register = "/..." (--target-profile).'
    )


def test_failing_page(site: Any) -> None:
    """If a candidate page fails, the message has the target's last output."""
    site.serve("/", "hello")
    site.serve("/login", "oh", status="500 Oh")

    with pytest.raises(CannotBeJudged, match="/login 500") as raised:
        auth_page(site, "login")

    assert "ValueError: its last words" in str(raised.value)


def test_no_address(site: Any) -> None:
    """The message on a site without candidates has no addresses."""
    with pytest.raises(CannotBeJudged, match="Tried: no address at all"):
        auth_page(site, "login")


def test_always_500(site: Any) -> None:
    """If every page fails, the message has the target's last output."""
    site.serve("/", "oh", status="500 Oh")

    with pytest.raises(CannotBeJudged) as raised:
        auth_page(site, "login")

    assert str(raised.value) == (
        "No page to sign in was found. Every page answers with status 500.\n"
        "Last output:\n    ValueError: its last words"
    )


@pytest.mark.parametrize(
    ("status", "html", "stored"),
    [("200 OK", "hello", True), ("200 OK", REGISTER, False), ("500 Oh", "", False)],
    ids=["stored", "refused", "failed"],
)
def test_stored(site: Any, status: str, html: str, stored: bool) -> None:
    """A registration that is stored, refused or failed raises no error."""
    site.serve("/", html, status=status)
    if stored:
        site.user()

    with Visitor(lambda: site.url, SiteMap()) as visitor:
        demand_stored(site, visitor.open("/"), "susan")


def test_not_stored(site: Any) -> None:
    """An accepted registration that stores no user is a failure."""
    site.user("john")
    site.serve("/", "Welcome!")

    with (
        Visitor(lambda: site.url, SiteMap()) as visitor,
        pytest.raises(RegistrationFailed, match="no user is stored") as raised,
    ):
        demand_stored(site, visitor.open("/"), "susan")

    assert raised.value.identity == "accounts.register"


class Reader(Visitor):
    """A visitor for whom only some pages open."""

    allowed: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()

    def open(self, path: str, **options: Any) -> Page:
        """Open a page, or else the sign-in page."""
        self.opened += (path,)
        return super().open(path if path in self.allowed else "/login", **options)


def test_members_only(site: Any) -> None:
    """The page for members opens for signed-in users only."""
    for path in ("/", "/login", "/logout", "/settings", "/me"):
        site.serve(path, "hello")
    with (
        Reader(lambda: site.url, SiteMap()) as member,
        Reader(lambda: site.url, SiteMap()) as anonymous,
    ):
        member.allowed = ("/", "/login", "/logout", "/me")
        anonymous.allowed = ("/", "/login")

        found = find_members_only(member, anonymous, site.probe.routes())

        assert found == "/me"
        assert "/logout" not in member.opened
        assert find_members_only(anonymous, anonymous, site.probe.routes()) == ""
