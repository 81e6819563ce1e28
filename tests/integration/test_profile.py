"""The profile page."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.layout import layout_links
from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site

EDIT = "Edit your profile"
#: A moment whose year appears nowhere else on a page.
LONG_AGO = "1997-03-04 05:06:07"
UNUSUAL = ["a?b", "a#b", "a%2Fb", "50%", "a&b", "a;b", "a\\b", "Ада", "ａ", "👩"]
UNUSUAL += ["a b", "<i>", '"']


def last_seen(page: Page) -> datetime:
    """Return the last-seen moment on the profile."""
    [moment] = page.soup.select("main header time, main .profile time")[:1]
    return datetime.fromisoformat(str(moment["datetime"]))


def leads_to_the_form(page: Page, visitor: Visitor) -> bool:
    """Return whether a link of the page opens the form that edits the profile."""
    return visitor.sitemap.edit_profile in layout_links(page)


@behaviour("profile.page")
def test_profile_shows_its_user(susan: Visitor) -> None:
    """The profile shows its user's name."""
    page = susan.profile("john")

    assert page.status == 200, f"{page.answer}."
    assert "john" in page.text, f"The profile of john says {page.text[:200]!r}."


@behaviour("profile.page")
def test_profile_shows_a_picture(susan: Visitor) -> None:
    """The profile shows a picture."""
    if not susan.profile().soup.select("img, svg, picture, [style*=background]"):
        raise NotOffered("no pictures on the profiles")

    assert susan.profile("john").soup.select(
        "img, svg, picture, [style*=background]"
    ), "One's own profile has a picture, and that of another user has none."


@own_only
@behaviour("profile.page")
def test_picture_is_named_after_its_user(susan: Visitor) -> None:
    """The profile has the username as heading and in the picture's text."""
    page = susan.profile("john")

    assert page.status == 200, f"{page.answer}."
    assert page.heading == "john"
    assert "Picture of john" in {
        title.get_text() for title in page.soup.select("svg title")
    }


@behaviour("profile.about-me")
def test_profile_shows_about_me(site: Site, susan: Visitor) -> None:
    """The profile shows the user's about-me to every visitor."""
    site.users.set_about_me("john", "I like tea and toast.")

    page = susan.profile("john")

    assert "I like tea and toast." in page.text, f"It says {page.text[:200]!r}."


@own_only
@behaviour("profile.last-seen")
def test_own_last_seen_is_now(susan: Visitor) -> None:
    """A user's own profile shows the current minute as last seen."""
    assert datetime.now(UTC) - last_seen(susan.profile()) < timedelta(minutes=2)


@behaviour("profile.last-seen")
def test_profile_shows_last_seen(site: Site, susan: Visitor) -> None:
    """The profile shows when its user was last seen."""
    shown_before = susan.profile("john").text
    site.users.set_last_seen(LONG_AGO)

    page = susan.profile("john")

    assert LONG_AGO[:4] in page.html or page.text != shown_before, (
        f"The profile of a user who was last seen in {LONG_AGO[:4]} does not say so."
    )


@behaviour("profile.last-seen")
def test_request_moves_last_seen(site: Site, susan: Visitor, john: Visitor) -> None:
    """The first request in a while updates last-seen."""
    site.users.set_last_seen(LONG_AGO)

    john.home()

    year_seen = site.users.last_seen("john")[:4]
    assert year_seen == str(datetime.now(UTC).year), (
        f"After a request of john, it is stored that john was last seen in {year_seen}."
    )


@own_only  # its own addresses
@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    "path", ["/", "/user/john", "/edit_profile", "/nope", "/static/style.css"]
)
def test_reading_writes_nothing(site: Site, susan: Visitor, path: str) -> None:
    """Reading pages soon after the last request writes nothing to the database."""
    susan.home()

    with site.probe.statements() as seen:
        susan.open(path)

    assert [one for one in seen if not one.sql.lstrip().startswith("SELECT")] == []


@behaviour("profile.own-edit-link")
@pytest.mark.parametrize(
    ("name", "offered"), [("susan", True), ("john", False)], ids=["own", "other"]
)
def test_edit_link(susan: Visitor, name: str, offered: bool) -> None:
    """Only one's own profile links to the form that edits it."""
    if leads_to_the_form(susan.home(), susan):
        raise NotOffered("every page has the link: it is in the navigation")

    assert leads_to_the_form(susan.profile(name), susan) is offered, (
        f"The profile of {name} has {'no' if offered else 'a'} link to the form that "
        "edits the profile of susan."
    )


@own_only
@behaviour("profile.own-edit-link")
def test_edit_link_leads_to_the_form(susan: Visitor) -> None:
    """The edit link has a clear text and opens the form."""
    page = susan.follow(susan.profile(), EDIT)

    assert page.path == susan.sitemap.edit_profile


@behaviour("profile.any-name-reachable")
@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_name_is_reachable(site: Site, susan: Visitor, name: str) -> None:
    """A user with an unusual name has a profile page that opens."""
    susan.edit_profile(username=name)
    if name not in site.users.names:  # pragma: no cover - other people's
        raise NotOffered(f"{name!r} is refused, and so has no profile")

    page = susan.profile(name)

    assert page.status == 200, f"{page.answer}."
    assert name in page.text, f"The profile of {name!r} does not show this name."


@own_only
@behaviour("profile.any-name-reachable")
@pytest.mark.parametrize("name", UNUSUAL)
def test_link_to_an_unusual_name(susan: Visitor, name: str) -> None:
    """The link to the profile of an unusual name opens it."""
    page = susan.edit_profile(username=name)
    assert page.errors("Username") == []

    page = susan.follow(page, "Profile")

    assert (page.status, page.heading) == (200, name)


@own_only
@behaviour("accounts.login-required")
@pytest.mark.parametrize("name", ["a?b", "a%2Fb", "a%41", "a\\b", "Ада"])
def test_led_back_to_an_unusual_name(
    susan: Visitor, visitor: Visitor, name: str
) -> None:
    """Signing in leads back to the requested profile of an unusual name."""
    susan.edit_profile(username=name)
    page = visitor.open(f"{visitor.sitemap.profile(name)}?before=9")

    page = visitor.sign_in(name, page=page)

    assert (page.status, page.heading) == (200, name)
    assert page.url.endswith("?before=9")


@behaviour("profile.page")
def test_profile_shows_own_posts_only(susan: Visitor, john: Visitor) -> None:
    """The profile shows only its user's posts."""
    susan.write("by susan")
    john.write("by john")

    page = susan.profile("john")

    assert page.status == 200, f"{page.answer}."
    assert "by john" in page.text, "The profile of john lacks the post of john."
    assert "by susan" not in page.text, "The profile of john shows the post of susan."
