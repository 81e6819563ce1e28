"""What a page asks of the database, statement by statement."""

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site


def count(site: Site, visitor: Visitor, path: str) -> int:
    """How many statements it takes to answer a page, its redirects included."""
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
    """To note that its reader was seen costs a page the one statement that does so."""
    site.users.set_last_seen("2000-01-01 00:00:00")

    assert count(site, susan, path) == statements


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    "path",
    ["/", "/login", "/register", "/nope", "/user/susan", "/static/style.css"],
    ids=["home", "sign-in", "register", "unknown", "profile", "static"],
)
def test_page_of_a_stranger(site: Site, visitor: Visitor, path: str) -> None:
    """A page that a stranger sees asks nothing of the database."""
    assert count(site, visitor, path) == 0
