"""Exploring a running target."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.exploring import POST, Exploration
from tests.contract.target_errors import CannotBeJudged
from tests.integration.contract.scripted_target import EDIT, INSIDE, REGISTER, SIGN_IN

NO_PROFILE: Mapping[str, Any] = {}


@pytest.fixture
def blog(site: Any) -> Any:
    """A site where registering and signing in succeed."""
    site.user()
    site.serve("/", INSIDE)
    site.serve("/login", SIGN_IN)
    site.serve("/register", REGISTER)
    site.pages.answer("/login", INSIDE, method="POST")
    site.pages.answer("/register", "Welcome!", method="POST")
    return site


def explored(site: Any, profile: Mapping[str, Any] = NO_PROFILE) -> Exploration:
    """Return the finished exploration of a site."""
    walk = Exploration.begin(site, profile)
    walk.explore()
    return walk


def profile_rule(site: Any, rule: str, html: str, status: str = "200 OK") -> None:
    """Serve susan's profile under a rule."""
    site.pages.answer(rule.replace("<name>", "susan"), html, status=status)
    site.probe.url_rules.append((rule, ("GET",), "x"))


def test_pages(blog: Any) -> None:
    """Profiles, the form to edit a profile and the form for posts are found."""
    post = '<form><textarea name="post"></textarea><input name="to"></form>'
    blog.serve("/", INSIDE + post)
    profile_rule(blog, "/tag/<name>", "nobody")
    profile_rule(
        blog, "/who/<name>", INSIDE + '<a href="/me">Edit your profile</a>susan'
    )
    blog.pages.answer("/me", EDIT)

    sitemap = explored(blog).sitemap

    assert dict(sitemap.places) == {
        **{"home": "/", "login": "/login", "register": "/register"},
        **{"profiles": "/who/{username}", "edit_profile": "/me"},
    }
    assert sitemap.names("text") == ("post",)


def test_form_for_posts(blog: Any) -> None:
    """A form for posts that asks for the text alone needs no further answers."""
    blog.serve("/", INSIDE + '<form><textarea name="post"></textarea></form>')

    assert dict(explored(blog).fields.extra) == {}


def test_form_for_posts_with_a_title(blog: Any) -> None:
    """What a form for posts asks for besides is answered until a post is stored."""
    post = '<form><textarea name="post"></textarea><input name="title"></form>'
    blog.serve("/", INSIDE + post)
    blog.probe.stored_tables["post"] = (["body"], [[POST]])

    assert dict(explored(blog).fields.extra) == {"title": "Example"}


def test_form_without_about_me(blog: Any) -> None:
    """A form with only a username is a form to edit a profile."""
    blog.serve("/settings", '<form method="post"><input name="nickname"></form>')

    assert explored(blog).places["edit_profile"] == "/settings"


def test_nothing_to_edit(blog: Any) -> None:
    """A site without profiles and profile forms offers neither."""
    assert explored(blog).places.keys() == {"home", "login", "register"}


def test_profiles_that_fail(blog: Any) -> None:
    """Profiles that fail are judged, not reported as missing."""
    profile_rule(blog, "/user/<name>", "oh", status="500 Oh")

    assert explored(blog).places["profiles"] == "/user/{username}"


def test_form_that_fails(blog: Any) -> None:
    """A profile form that fails is judged, not reported as missing."""
    blog.serve("/edit_profile", "oh", status="500 Oh")

    assert explored(blog).places["edit_profile"] == "/edit_profile"


def test_profiles_that_redirect(blog: Any) -> None:
    """A page that redirects is not a profile, even if its address has the name."""
    profile_rule(blog, "/members/<name>", "", status="302 Found")
    blog.pages.answer("/members/susan", status="302 Found", Location="/user/susan")
    profile_rule(blog, "/user/<name>", f"{INSIDE}susan")

    assert explored(blog).places["profiles"] == "/user/{username}"


def test_profile_overrules(blog: Any) -> None:
    """A profile's addresses and fields are used, and its extra values are sent."""
    profile_rule(blog, "/user/<name>", INSIDE + "susan")
    captcha = '<input name="captcha"></form>'
    blog.pages.answer("/register", REGISTER.replace("</form>", captcha))
    blog.pages.answer("/x", EDIT.replace("about_me", "motto"))

    walk = explored(
        blog,
        {
            "places": {"profiles": "/p/{username}", "edit_profile": "/x"},
            "fields": {"about_me": "motto", "username": ["nick", "username"]},
            "extra": {"captcha": "7"},
        },
    )

    assert walk.places["profiles"] == "/p/{username}"
    assert walk.places["edit_profile"] == "/x"
    assert walk.sitemap.names("about_me") == ("motto",)
    [sent] = [
        dict(one.data)
        for one in blog.pages.requests
        if (one.method, one.path) == ("POST", "/register")
    ]
    assert sent["captcha"] == "7"


def test_confirmed_by_a_profile(blog: Any) -> None:
    """A profile can set the columns of a user whose address is confirmed."""
    profile = {"users": {"username": "username", "confirmed": {"is_confirmed": 1}}}

    assert explored(blog, profile).users["confirmed"] == (("is_confirmed", 1),)
    assert blog.probe.statements == [
        'UPDATE "user" SET "is_confirmed" = \'1\' WHERE "username" = \'susan\''
    ]


def test_no_way_in(blog: Any) -> None:
    """If a registered user cannot sign in, the message has the text of the page."""
    blog.serve("/", "nobody")
    blog.pages.answer("/login", "Confirm your address.", method="POST")

    with pytest.raises(CannotBeJudged) as error:
        explored(blog)

    assert "cannot sign in at /login. The page reads: Confirm your" in str(error.value)
    assert "its last words" not in str(error.value)


def test_registration_refused(blog: Any) -> None:
    """If a registration is refused, the message has the text of the page."""
    blog.serve("/", "nobody")
    blog.pages.answer("/login", SIGN_IN, method="POST")
    blog.pages.answer("/register", f"{REGISTER}Solve the riddle.", method="POST")

    with pytest.raises(CannotBeJudged) as error:
        explored(blog)

    assert (
        "susan cannot register at /register. The page reads: Solve the riddle."
        in str(error.value)
    )


def test_sign_in_fails(blog: Any) -> None:
    """If signing in fails with an error, the message has the last output."""
    blog.serve("/", "nobody")
    blog.pages.answer("/login", "Oh", method="POST", status="500 Oh")

    with pytest.raises(CannotBeJudged, match="ValueError: its last words"):
        explored(blog)


@pytest.mark.parametrize(
    ("rules", "home"),
    [
        (["/index", "/"], "/"),
        (["/home", "/index"], "/index"),
        (["/x", "/blog/home"], "/blog/home"),
        (["/x"], "/"),
    ],
)
def test_home(site: Any, rules: list[str], home: str) -> None:
    """The home page is / or a page called index or home."""
    site.probe.url_rules += [(rule, ("GET",), rule) for rule in rules]

    assert Exploration.begin(site, NO_PROFILE).places["home"] == home
