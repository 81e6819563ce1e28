"""Forms and their CSRF tokens."""

import pytest

from tests.harness.capabilities import require_saved_change
from tests.harness.http.visitor import PASSWORD, Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site


@behaviour("security.csrf")
def test_sign_in_needs_its_token(site: Site, visitor: Visitor) -> None:
    """A sign-in form without its token signs nobody in."""
    form = visitor.form(visitor.open(visitor.sitemap.login), "password")
    key = "username" if visitor.asks(form, "username") else "email"
    name = "susan" if key == "username" else "susan@example.com"

    visitor.submit(form, token=None, **{key: name}, password=PASSWORD)

    assert not visitor.is_signed_in(), "The form without its token signs in."
    visitor.submit(form, **{key: name}, password=PASSWORD)
    assert visitor.is_signed_in(), "The form with its token does not sign in."


@behaviour("security.csrf")
def test_token_of_another_session(site: Site, susan: Visitor, visitor: Visitor) -> None:
    """A form with a token from another session changes nothing."""
    require_saved_change(site, susan, about_me="with its token")
    before = site.users.profiles
    theirs = visitor.form(visitor.open(visitor.sitemap.login), "password")
    form = susan.form(susan.open(susan.sitemap.edit_profile), "about_me")

    susan.submit(form, token=theirs.token, about_me="forged")

    assert site.users.profiles == before, (
        f"Stored is {site.users.profiles}, before it was {before}."
    )


@own_only
@behaviour("security.csrf")
@pytest.mark.parametrize(
    "path", ["/login", "/register", "/", "/edit_profile", "/logout"]
)
def test_forms_need_their_token(site: Site, susan: Visitor, path: str) -> None:
    """Each form is refused without its token."""
    assert susan.request("POST", path, data={"x": "y"}).status == 400
    assert susan.home().signed_in


@own_only
@behaviour("security.csrf")
def test_token_of_another_visitor(site: Site, susan: Visitor, john: Visitor) -> None:
    """Each form is refused with another visitor's token."""
    token = john.form(john.home(), "text").value("csrf_token")

    page = susan.request("POST", "/", data={"csrf_token": token, "body": "x"})

    assert page.status == 400
    assert site.probe.rows("SELECT count(*) FROM post") == [[0]]
