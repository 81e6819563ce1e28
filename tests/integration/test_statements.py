"""The statements that a page sends to the database."""

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site


def count(site: Site, visitor: Visitor, path: str) -> int:
    """Return the number of statements for a page, redirects included."""
    with site.probe.statements() as seen:
        visitor.open(path)
    return len(seen)


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        *(("/static/style.css", 0), ("/static/nope", 1), ("/nope", 1), ("/logout", 1)),
        *(("/edit_profile", 1), ("/", 2), ("/user/susan", 3)),
        *(("/user/john", 3), ("/user/nobody", 2)),
    ],
    ids=[
        *("static", "no-static", "unknown", "not-allowed"),
        *("form", "home", "own-profile", "profile", "no-profile"),
    ],
)
def test_page_of_a_user(site: Site, susan: Visitor, path: str, statements: int) -> None:
    """A page queries its viewer, a profile's user and the posts once each."""
    susan.home()

    assert count(site, susan, path) == statements


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    ("path", "statements"),
    [("/edit_profile", 2), ("/", 3), ("/user/john", 4), ("/user/nobody", 3)],
    ids=["form", "home", "profile", "no-profile"],
)
def test_first_page_in_a_while(
    site: Site, susan: Visitor, path: str, statements: int
) -> None:
    """Updating last-seen adds one statement to a page."""
    site.users.set_last_seen("2000-01-01 00:00:00")

    assert count(site, susan, path) == statements


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/register", "/nope", "/user/susan", "/static/style.css"],
    ids=["home", "sign-in", "register", "unknown", "profile", "static"],
)
def test_page_of_an_anonymous_visitor(site: Site, visitor: Visitor, path: str) -> None:
    """A page for an anonymous visitor sends no statement."""
    assert count(site, visitor, path) == 0
