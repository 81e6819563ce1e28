"""Registering, signing in and out, and sessions."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site


@behaviour("accounts.register")
def test_register_and_sign_in(site: Site, visitor: Visitor) -> None:
    """A new visitor registers, and can then sign in."""
    visitor.register("ada")
    assert site.users.names == ["susan", "john", "ada"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )

    site.users.confirm("ada")
    ada = site.visitor()
    page = ada.sign_in("ada")
    assert ada.is_signed_in(), (
        f"After signing in, {page.answer} to an anonymous visitor."
    )


@own_only
@behaviour("accounts.register")
def test_registering_leads_to_the_sign_in_page(visitor: Visitor) -> None:
    """After registration the sign-in page confirms the new account."""
    page = visitor.register("ada")

    assert (page.status, page.path) == (200, visitor.sitemap.login)
    assert page.messages == ["Congratulations, you are now a registered user!"]


@behaviour("accounts.register-taken-username")
def test_register_taken_name(site: Site, visitor: Visitor) -> None:
    """A taken username is refused on the registration form."""
    page = visitor.register("susan", email="other@example.com")

    assert page.status < 500, f"{page.answer}."
    assert site.users.names == ["susan", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@behaviour("accounts.register-taken-email")
def test_register_taken_address(site: Site, visitor: Visitor) -> None:
    """A taken e-mail address is refused on the registration form."""
    page = visitor.register("other", email="susan@example.com")

    assert page.status < 500, f"{page.answer}."
    assert site.users.names == ["susan", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@own_only
@pytest.mark.parametrize(
    ("username", "email", "field", "message"),
    [
        pytest.param(
            *("susan", "other@example.com", "Username"),
            "Please use a different username.",
            marks=behaviour("accounts.register-taken-username"),
            id="name",
        ),
        pytest.param(
            *("other", "susan@example.com", "Email"),
            "Please use a different email address.",
            marks=behaviour("accounts.register-taken-email"),
            id="address",
        ),
    ],
)
def test_refusal_says_why(
    visitor: Visitor, username: str, email: str, field: str, message: str
) -> None:
    """A refused registration shows the reason next to the field."""
    page = visitor.register(username, email=email)

    assert (page.status, page.errors(field)) == (200, [message])


@behaviour("accounts.login")
def test_sign_in(site: Site, visitor: Visitor) -> None:
    """The right username and password sign in."""
    page = visitor.sign_in("susan")
    assert visitor.is_signed_in(), (
        f"After signing in, {page.answer} to an anonymous visitor."
    )


@own_only
@behaviour("accounts.login")
def test_signing_in_leads_home(site: Site, visitor: Visitor) -> None:
    """Signing in leads to the home page."""
    assert visitor.sign_in("susan").path == visitor.sitemap.home


@own_only
@behaviour("accounts.login")
def test_asked_to_sign_in_once(visitor: Visitor) -> None:
    """Several protected pages in a row ask for a sign-in with one message."""
    for path in ("/", "/user/susan"):
        visitor.request("GET", path, follow=False)

    page = visitor.open("/edit_profile")

    assert len(page.soup.select(".flash")) == 1
    assert page.messages == ["Please log in to access this page."]


@behaviour("accounts.login-wrong-password")
def test_wrong_password_and_unknown_name_answer_alike(
    site: Site, visitor: Visitor
) -> None:
    """A wrong password and an unknown username get the same answer."""
    other = site.visitor()
    wrong = visitor.sign_in("susan", "not her password")
    unknown = other.sign_in("nobody", "not her password")

    assert (visitor.is_signed_in(), other.is_signed_in()) == (False, False), (
        "A wrong password signs in."
    )
    answers = f"{wrong.answer}; with an unknown name, {unknown.answer}"
    assert (wrong.status, wrong.path) == (unknown.status, unknown.path), (
        f"With a wrong password, {answers}."
    )
    assert wrong.text == unknown.text, (
        f"With a wrong password the page says {wrong.text!r}, "
        f"with an unknown name {unknown.text!r}."
    )


@own_only
@behaviour("accounts.login-wrong-password")
def test_refused_sign_in_says_so(site: Site, visitor: Visitor) -> None:
    """A refused sign-in does not reveal whether name or password was wrong."""
    page = visitor.sign_in("susan", "not her password")

    assert page.messages == ["Invalid username or password"]


@behaviour("accounts.logout")
def test_sign_out(susan: Visitor) -> None:
    """After signing out the visitor is anonymous."""
    assert susan.is_signed_in(), "The next page is that of an anonymous visitor."

    susan.sign_out()

    assert not susan.is_signed_in(), "The next page is that of a signed-in user."


@behaviour("accounts.login-required")
@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda here: here.edit_profile, id="edit-profile"),
        # The chapter protects these as well, but other implementations may not.
        pytest.param(lambda here: here.home, id="home", marks=own_only),
        pytest.param(lambda here: here.profile("john"), id="profile", marks=own_only),
    ],
)
def test_protected_page_asks_to_sign_in_first(
    visitor: Visitor, place: Callable[[SiteMap], str]
) -> None:
    """After signing in an anonymous visitor gets the page they asked for."""
    path = place(visitor.sitemap)
    page = visitor.open(path)
    assert page.path == visitor.sitemap.login, (
        f"{path} leads to {page.path}, not to the sign-in page."
    )

    page = visitor.sign_in("susan", page=page)

    assert page.path == path, f"After signing in, {page.path} opens instead of {path}."
    assert visitor.is_signed_in(), (
        f"After signing in, {page.answer} to an anonymous visitor."
    )


@own_only
@behaviour("accounts.login-page-describes")
def test_sign_in_page_says_what_this_is(visitor: Visitor) -> None:
    """The sign-in page describes the site to new visitors."""
    page = visitor.home()

    assert page.path == visitor.sitemap.login
    assert "A microblog: posts of 140 characters at most" in page.text


@behaviour("accounts.remember-me")
@pytest.mark.parametrize("remember", [True, False], ids=["remembered", "forgotten"])
def test_remember_me(visitor: Visitor, remember: bool) -> None:
    """A sign-in with "remember me" lasts when the browser restarts; others end."""
    page = visitor.sign_in("susan", remember=remember)
    assert visitor.is_signed_in(), (
        f"After signing in, {page.answer} to an anonymous visitor."
    )

    visitor.restart_browser()

    assert visitor.is_signed_in() is remember, (
        f"Signed in with remember-me {'on' if remember else 'off'}, the user is "
        f"{'not ' if remember else ''}signed in after the browser restarts."
    )


@behaviour("accounts.remember-me")
def test_sign_out_forgets(visitor: Visitor) -> None:
    """Signing out also ends "remember me"."""
    visitor.sign_in("susan", remember=True)
    visitor.sign_out()

    visitor.restart_browser()

    assert not visitor.is_signed_in(), (
        "After signing out and a restart of the browser, the user is signed in."
    )


@own_only
@behaviour("accounts.login")
@pytest.mark.parametrize("page", ["login", "register"])
def test_signed_in_users_skip_the_sign_in_page(susan: Visitor, page: str) -> None:
    """Signed-in users are redirected from sign-in and registration to the home page."""
    assert susan.open(getattr(susan.sitemap, page)).path == susan.sitemap.home


@behaviour("security.session-of-deleted-user")
def test_session_ends_with_its_user(site: Site, susan: Visitor) -> None:
    """A deleted user's session becomes anonymous."""
    site.users.remove("susan")

    assert not susan.is_signed_in(), "The next page is that of a signed-in user."


@pytest.fixture
def adas(site: Site) -> tuple[Visitor, Visitor]:
    """Two browsers of the user ada: one is signed in, the other remembered."""
    signed_in = site.visitor()
    signed_in.register("ada")
    signed_in.sign_in("ada", remember=True)
    remembered = signed_in.copy()
    remembered.restart_browser()
    assert remembered.copy().home().signed_in
    return signed_in, remembered


@own_only
@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize(
    "user", ["susan", "3000000000", "2147483648.abc", "1.abc", 1, True, ["1"]]
)
def test_session_of_another_application(
    site: Site, visitor: Visitor, user: object
) -> None:
    """The session of another application with the same secret key is anonymous."""
    other = Flask("other")
    other.secret_key = site.settings["SECRET_KEY"]
    signer = SecureCookieSessionInterface().get_signing_serializer(other)
    assert signer is not None
    session = signer.dumps({"_user_id": user, "_fresh": True})

    page = visitor.open("/user/susan", headers={"Cookie": f"session={session}"})

    assert (page.status, page.path) == (200, visitor.sitemap.login)


@own_only
@behaviour("security.session-of-deleted-user")
def test_session_after_the_id_is_reused(
    site: Site, adas: tuple[Visitor, Visitor]
) -> None:
    """A session is not valid for another user who gets the same id."""
    [[key]] = site.probe.rows("SELECT id FROM \"user\" WHERE username = 'ada'")
    site.users.remove("ada")

    site.visitor().register("grace")
    site.probe.sql(f"UPDATE \"user\" SET id = {key} WHERE username = 'grace'")

    assert not any(browser.home().signed_in for browser in adas)


@own_only
@behaviour("security.session-of-deleted-user")
def test_session_is_not_inherited(site: Site, adas: tuple[Visitor, Visitor]) -> None:
    """A new account does not inherit a deleted user's session or cookie."""
    site.users.remove("ada")

    site.visitor().register("grace")

    assert site.users.names == ["susan", "john", "grace"]
    assert not any(browser.home().signed_in for browser in adas)
