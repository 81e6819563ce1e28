"""Journeys in Chromium: with a mouse, by keyboard only, without scripts."""

from __future__ import annotations

from tests.harness.chromium.scenes import POSTS, store_posts
from tests.harness.chromium.window import Window
from tests.harness.http.visitor import PASSWORD
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site


@behaviour("accounts.register")
def test_register_and_sign_in(visitor_window: Window) -> None:
    """In a browser, a new user registers, signs in and signs out."""
    visitor_window.open("/")
    visitor_window.follow("Register")
    visitor_window.type("Username", "mia")
    visitor_window.type("Email", "mia@example.com")
    visitor_window.type("Password", PASSWORD)
    visitor_window.type("Repeat Password", PASSWORD)
    visitor_window.press("Register")
    visitor_window.type("Username", "mia")
    visitor_window.type("Password", PASSWORD)
    visitor_window.press("Sign In")
    assert (visitor_window.path, visitor_window.viewer) == ("/", "mia")

    visitor_window.press("Sign Out")

    assert (visitor_window.path, visitor_window.viewer) == ("/login", None)


@behaviour("accounts.remember-me")
def test_remember_me(visitor_window: Window) -> None:
    """In a browser, "Remember Me" can be ticked and sets a lasting cookie."""
    visitor_window.open("/login")
    visitor_window.type("Username", "susan")
    visitor_window.type("Password", PASSWORD)
    visitor_window.tick("Remember Me")
    visitor_window.press("Sign In")

    cookies = visitor_window.page.context.cookies()
    assert "remember_token" in {
        cookie["name"] for cookie in cookies if cookie["expires"] > 0
    }


@behaviour("posts.write")
def test_write(member: Window) -> None:
    """In a browser, a new post appears at the top of the home page."""
    member.open("/")
    member.type("Say something", "Good morning!")
    member.press("Post")

    assert member.posts == ["Good morning!"]
    assert member.page.get_by_role("status").inner_text() == "Your post is now live!"


@behaviour("posts.paged")
def test_page_through(site: Site, member: Window) -> None:
    """In a browser, a reader pages to the oldest post and back to the newest."""
    store_posts(site, POSTS * 4)
    member.open("/")
    newest = member.posts
    member.follow("Older posts")
    assert member.posts[-1] == POSTS[0][1]
    member.follow("Newer posts")

    assert member.posts == newest


@behaviour("edit-profile.taken-name")
def test_taken_name(member: Window) -> None:
    """In a browser, a taken name gets a form error, and the typed values stay."""
    member.open("/user/susan")
    member.follow("Edit your profile")
    member.type("Username", "john")
    member.type("About me", "I read more than I write.")
    member.press("Save")

    name = member.page.get_by_label("Username")
    assert member.described(name) == "Please use a different username."
    assert name.input_value() == "john"
    about_me = member.page.get_by_label("About me").input_value()
    assert about_me == "I read more than I write."
    assert member.viewer == "susan"


@behaviour("edit-profile.rename")
def test_second_thought(member: Window) -> None:
    """In a browser, a refused name can be replaced by a free one."""
    member.open("/edit_profile")
    member.type("Username", "john")
    member.press("Save")
    member.type("Username", "Susanna")
    member.press("Save")

    assert member.viewer == "Susanna"


@behaviour("errors.404-back")
def test_way_back_from_404(member: Window) -> None:
    """In a browser, the 404 page leads back to the home page."""
    assert member.open("/nope") == 404
    assert member.heading == "File Not Found"

    member.follow("Back")

    assert (member.path, member.heading) == ("/", "Home")


@behaviour("errors.500-page")
def test_way_back_from_500(site: Site, member: Window) -> None:
    """In a browser, the 500 page leads back to the home page."""
    assert member.open(site.probe.raising("on demand")) == 500
    assert member.heading == "An unexpected error has occurred"
    assert member.viewer == "susan"

    member.follow("Back")

    assert (member.path, member.heading) == ("/", "Home")
