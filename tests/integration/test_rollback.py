"""The database session after an error in it."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.capabilities import NotOffered, require_saved_change
from tests.harness.http.layout import is_bare
from tests.harness.http.page import Page, PageFailed
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site


@pytest.fixture
def refusing(site: Site) -> Site:
    """The site, while its database aborts each change of a profile."""
    site.users.refuse_profile_updates()
    return site


def page_after_failed_flush(site: Site, user: Visitor) -> Page:
    """Return the page that a user gets when the database refuses a change of theirs."""
    try:
        return user.edit_profile(about_me="does not arrive")
    except (PageFailed, NotOffered):  # pragma: no cover - other people's
        # The chapter's site also stores at each request when its user was last seen.
        site.users.allow_profile_updates()
        site.probe.refuse_updates(site.users.table.name)
        return user.home()


@behaviour("rollback.page-after-failed-flush")
def test_page_after_failed_flush(refusing: Site, susan: Visitor) -> None:
    """After a failed flush its user gets the error page, with his own navigation."""
    page = page_after_failed_flush(refusing, susan)

    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."
    assert page.signed_in, "The page has the navigation of an anonymous visitor."


@own_only
@behaviour("rollback.page-after-failed-flush")
def test_page_keeps_the_old_name(refusing: Site, susan: Visitor) -> None:
    """The page after a refused rename leads to the profile under the old name."""
    page = susan.edit_profile(username="susanna")

    assert (page.status, page.heading) == (500, "An unexpected error has occurred")
    assert susan.sitemap.profile("susan") in page.link("Profile")


@behaviour("rollback.nothing-half-written")
def test_nothing_is_half_written(site: Site, susan: Visitor) -> None:
    """Of a request that failed in a flush nothing is stored."""
    require_saved_change(site, susan, about_me="arrives")
    before = site.users.profiles
    site.users.refuse_profile_updates()

    with site.probe.statements() as asked:
        susan.edit_profile(about_me="does not arrive")

    column = site.users.table.about_me
    refused = [
        one for one in asked if re.search(rf"(?is)^\s*UPDATE.*{column}", one.sql)
    ]
    assert refused != [], "The form sent no UPDATE that the database could refuse."
    assert site.users.profiles == before, (
        f"Stored is {site.users.profiles}, before it was {before}."
    )


@behaviour("rollback.next-request-clean")
def test_next_requests_work(refusing: Site, susan: Visitor, john: Visitor) -> None:
    """After failed flushes every next request works, on each connection of the pool."""
    usual = susan.home().status
    for _ in range(6):
        susan.edit_profile(about_me="does not arrive")
    refusing.users.allow_profile_updates()

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda one: one.copy().home(), [susan, john] * 8))

    assert {page.status for page in pages} == {usual}, (
        f"The next requests are answered {sorted({page.status for page in pages})}."
    )
    susan.edit_profile(about_me="arrives")
    assert refusing.users.profiles[0][1] == "arrives", (
        f"The next change is not saved: stored is {refusing.users.profiles[0]}."
    )


@own_only
@behaviour("rollback.next-request-clean")
def test_failed_flush_is_reported_once(refusing: Site, susan: Visitor) -> None:
    """A failed flush is one record and one mail, with its stack trace."""
    susan.edit_profile(about_me="does not arrive")

    [mail] = refusing.mails()
    [record] = [one for one in refusing.records() if one.level == "ERROR"]
    assert "refused by the harness" in mail.text
    assert "refused by the harness" in record.trace
