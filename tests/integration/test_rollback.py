"""The database session after a database error."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.capabilities import NotOffered, require_saved_change
from tests.harness.http.layout import is_bare, layout, layout_links
from tests.harness.http.page import Page, PageFailed
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site


@pytest.fixture
def refusing(site: Site) -> Site:
    """A site whose database aborts every change of a profile."""
    site.users.refuse_profile_updates()
    return site


def fail_to_edit_profile(site: Site, visitor: Visitor, **typed: str) -> Page:
    """Send the form that edits a profile, with an UPDATE that the database aborts."""
    with site.probe.statements() as sent:
        page = visitor.edit_profile(**typed)

    columns = "|".join(map(re.escape, site.users.table.profile))
    assert any(
        re.search(rf"(?is)^\s*UPDATE\b.*\b({columns})\b", each.sql) for each in sent
    ), "The form sent no UPDATE that the database could refuse."
    return page


def page_after_failed_flush(site: Site, user: Visitor) -> Page:
    """Return the page that a user gets when the database refuses a change of theirs."""
    try:
        return fail_to_edit_profile(site, user, about_me="does not arrive")
    except (PageFailed, NotOffered):  # pragma: no cover - other people's
        # The chapter's site also stores at each request when its user was last seen.
        site.users.allow_profile_updates()
        site.probe.refuse_updates(site.users.table.name)
        with site.probe.statements() as sent:
            page = user.home()
        if not any(each.sql.lstrip().upper().startswith("UPDATE") for each in sent):
            raise NotOffered("no page changes its user, so no flush can fail") from None
        return page


@behaviour("rollback.page-after-failed-flush")
def test_page_after_failed_flush(refusing: Site, susan: Visitor) -> None:
    """After a failed flush the user gets the 500 page with their navigation."""
    usual = susan.usual_pages()

    page = page_after_failed_flush(refusing, susan)

    assert page.status == 500, f"The UPDATE failed, but the answer is {page.answer}."
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."
    missing = layout(*usual) - layout_links(page)
    assert missing == set(), f"The page lacks {', '.join(sorted(missing))}."
    assert page.signed_in in {each.signed_in for each in usual}, (
        "The page has the navigation of an anonymous visitor."
    )


@own_only
@behaviour("rollback.page-after-failed-flush")
def test_page_keeps_the_old_name(refusing: Site, susan: Visitor) -> None:
    """The page after a failed rename links to the profile under the old name."""
    page = fail_to_edit_profile(refusing, susan, username="susanna")

    assert (page.status, page.heading) == (500, "An unexpected error has occurred")
    assert susan.sitemap.profile("susan") in page.link("Profile")


@behaviour("rollback.nothing-half-written")
def test_nothing_is_half_written(site: Site, susan: Visitor) -> None:
    """A request that failed in a flush stores nothing."""
    require_saved_change(site, susan, about_me="arrives")
    before = site.users.profiles
    site.users.refuse_profile_updates()

    fail_to_edit_profile(site, susan, about_me="does not arrive")

    assert site.users.profiles == before, (
        f"Stored is {site.users.profiles}, before it was {before}."
    )


@behaviour("rollback.next-request-clean")
def test_next_requests_work(refusing: Site, susan: Visitor, john: Visitor) -> None:
    """After failed flushes the next requests work, on every pooled connection."""
    usual = susan.home().status
    for _ in range(6):
        fail_to_edit_profile(refusing, susan, about_me="does not arrive")
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
    """A failed flush leaves one record and one mail with its stack trace."""
    susan.edit_profile(about_me="does not arrive")

    [mail] = refusing.mails()
    [record] = [one for one in refusing.records() if one.level == "ERROR"]
    assert "refused by the harness" in mail.text
    assert "refused by the harness" in record.trace
