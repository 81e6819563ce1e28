"""Changes to a row between the moment it is read and the moment it is written."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.probe.barrier import interleaved
from tests.harness.server.site import Site

WRITES_USER = r'UPDATE "?user"? SET .*(username|about_me)'
WRITES_SEEN = r'UPDATE "?user"? SET last_seen'
WRITES_POST = r"INSERT INTO post"
NAMES = 'SELECT username, username_key FROM "user" ORDER BY id'
LONG_AGO = "2000-01-01 00:00:00"
ASKED = ["Please log in to access this page."]


def editing(visitor: Visitor, **typed: str) -> Callable[[], Page]:
    """Open the profile form now; return a function that sends it."""
    form = visitor.form(visitor.open(visitor.sitemap.edit_profile), "about_me")
    return lambda: visitor.submit(form, **typed)


def writing(visitor: Visitor) -> Callable[[], Page]:
    """Open the post form now; return a function that sends it."""
    form = visitor.form(visitor.home(), "text")
    return lambda: visitor.submit(form, text="too late")


@behaviour("edit-profile.race")
def test_another_spelling_and_another_name(site: Site, susan: Visitor) -> None:
    """A respelling does not half-undo a simultaneous rename by the same user."""
    spell, rename = editing(susan, username="SUSAN"), susan.copy().edit_profile

    page = interleaved(site, spell, WRITES_USER, partial(rename, username="s2"))

    assert page.status == 200
    assert site.probe.rows(NAMES) == [["SUSAN", "susan"], ["john", "john"]]
    assert susan.profile("SUSAN").status == 200
    assert susan.profile("s2").status == 404


@behaviour("edit-profile.race")
def test_untouched_name_and_another_name(site: Site, susan: Visitor) -> None:
    """Saving an about-me does not undo a simultaneous rename."""
    describe, rename = editing(susan, about_me="I read."), susan.copy().edit_profile

    interleaved(site, describe, WRITES_USER, partial(rename, username="s2"))

    assert site.probe.rows(NAMES) == [["s2", "s2"], ["john", "john"]]
    assert site.users.profiles[0] == ("s2", "I read.")


@behaviour("edit-profile.race")
def test_name_lost_in_another_browser(
    site: Site, susan: Visitor, john: Visitor
) -> None:
    """A name given up in another browser and taken by another user is refused."""
    spell = editing(susan, username="SUSAN")

    def give_away() -> None:
        susan.copy().edit_profile(username="s2")
        john.edit_profile(username="susan")

    page = interleaved(site, spell, WRITES_USER, give_away)

    assert page.errors("Username") == ["Please use a different username."]
    assert page.link("Profile").endswith(susan.sitemap.profile("s2"))
    assert site.probe.rows(NAMES) == [["s2", "s2"], ["susan", "susan"]]
    assert site.reported_errors() == []


#: Another user takes the name just before each attempt, and releases it after.
TAKES = (
    'INSERT INTO "user" (username, username_key, email, password_hash, last_seen) '
    "VALUES ('wanted', 'wanted', 'w@example.com', '!', '2000-01-01 00:00:00');"
)


@pytest.fixture
def contested(site: Site) -> Iterator[Site]:
    """A site where a requested name is always taken just before it is saved."""
    run = site.probe.sql
    when = "WHEN (NEW.username = 'wanted')"
    if site.probe.dialect() == "sqlite":
        run(
            f'CREATE TRIGGER contest BEFORE UPDATE OF username ON "user" {when} '
            f"BEGIN {TAKES} END"
        )
        yield site
        return
    run(
        "CREATE FUNCTION contest() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {TAKES} RETURN NEW; END $$"
    )
    run(
        f'CREATE TRIGGER contest BEFORE UPDATE OF username ON "user" '
        f"FOR EACH ROW {when} EXECUTE FUNCTION contest()"
    )
    yield site
    run("DROP FUNCTION contest CASCADE")


@behaviour("edit-profile.race")
def test_name_that_is_lost_each_time(contested: Site, susan: Visitor) -> None:
    """A rename whose name is taken before each attempt gets the form's message."""
    page = susan.edit_profile(username="wanted")

    assert page.status == 200
    assert page.messages == ["Somebody else was faster. Please try again."]
    assert page.value("Username") == "wanted"
    assert page.link("Profile").endswith(susan.sitemap.profile("susan"))
    assert contested.reported_errors() == []


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize(
    ("act", "statement"),
    [
        (partial(editing, username="susanna"), WRITES_USER),
        (partial(editing, about_me="too late"), WRITES_USER),
        (writing, WRITES_POST),
    ],
    ids=["rename", "describe", "write"],
)
def test_user_deleted_before_saving(
    site: Site,
    susan: Visitor,
    act: Callable[[Visitor], Callable[[], Page]],
    statement: str,
) -> None:
    """A user who is deleted before their form is saved is asked to sign in."""
    page = interleaved(site, act(susan), statement, lambda: site.users.remove("susan"))

    assert (page.status, page.path) == (200, susan.sitemap.login)
    assert page.messages == ASKED
    assert not page.signed_in
    assert site.users.names == ["john"]
    assert site.probe.rows("SELECT count(*) FROM post") == [[0]]
    assert site.reported_errors() == []


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize("path", ["/", "/user/susan", "/edit_profile", "/user/nobody"])
def test_user_deleted_while_reading(site: Site, susan: Visitor, path: str) -> None:
    """A user who is deleted during a page view is signed out without an error."""
    site.users.set_last_seen(LONG_AGO)

    page = interleaved(
        site,
        partial(susan.open, path),
        WRITES_SEEN,
        lambda: site.users.remove("susan"),
    )

    assert page.status < 500
    assert not susan.home().signed_in
    assert site.reported_errors() == []
