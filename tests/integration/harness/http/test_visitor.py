"""Visitors of sites whose forms differ from our own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.form import FieldMissing
from tests.harness.http.page import LinkMissing, PageFailed
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import PASSWORD, Visitor
from tests.integration.harness.http.scripted_site import ScriptedSite


@pytest.fixture
def visit(scripted: ScriptedSite) -> Iterator[Callable[..., Visitor]]:
    """Return visitors of the scripted site, with a site map of these attributes."""
    with ExitStack() as stack:

        def visit(**sitemap: Any) -> Visitor:
            return stack.enter_context(
                Visitor(lambda: scripted.url, SiteMap(**sitemap))
            )

        yield visit


@pytest.fixture
def visitor(visit: Callable[..., Visitor]) -> Visitor:
    """A visitor of the scripted site."""
    return visit()


def serve_form(scripted: ScriptedSite, path: str, *fields: str) -> None:
    """Serve a form with these fields at a path."""
    inputs = "".join(f'<input name="{name}" type="text">' for name in fields)
    scripted.answer(path, f'<form method="post">{inputs}</form>')


def sent(scripted: ScriptedSite) -> dict[str, str]:
    """Return the fields of the latest request, which was a POST."""
    assert scripted.requests[-1].method == "POST"
    return dict(scripted.requests[-1].data)


def test_repeated_email_address(
    scripted: ScriptedSite, visit: Callable[..., Visitor]
) -> None:
    """A registration form that asks for the e-mail address twice gets it twice."""
    serve_form(scripted, "/register", "password", "email", "confirm_email")

    visit(fields={"email": ("email",), "email2": ("confirm_email",)}).register("susan")

    assert sent(scripted)["confirm_email"] == "susan@example.com"


def test_registration_choices(
    scripted: ScriptedSite, visit: Callable[..., Visitor]
) -> None:
    """Choices of a registration form are made as the site map says."""
    scripted.answer(
        "/register",
        '<form method="post"><input name="password"><input type="radio" name="sort"'
        ' value="a"><input type="radio" name="sort" value="b"><select name="land">'
        '<option value="">?</option><option value="pt">Portugal</option></select>'
        "</form>",
    )

    visit(extra_fields={"sort": True, "land": "pt"}).register("susan")

    assert sent(scripted) == {"password": PASSWORD, "sort": "a", "land": "pt"}


def test_extra_registration_fields(
    scripted: ScriptedSite, visit: Callable[..., Visitor]
) -> None:
    """Extra fields of a registration form are filled in where the form has them."""
    serve_form(scripted, "/register", "username", "password", "city")

    visit(extra_fields={"city": "Portland", "zip": "97201"}).register("susan")

    assert sent(scripted) == {
        "username": "susan",
        "password": PASSWORD,
        "city": "Portland",
    }


def test_sign_in_by_email_address(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A sign-in form without a username gets the e-mail address."""
    serve_form(scripted, "/login", "email", "password")

    visitor.sign_in("susan")

    assert sent(scripted)["email"] == "susan@example.com"


def test_sign_in_without_remember_me(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A sign-in form without a "remember me" box is reported as not offering it."""
    serve_form(scripted, "/login", "username", "password")

    with pytest.raises(NotOffered, match="remember me"):
        visitor.sign_in("susan", remember=True)


def test_sign_out_by_link(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A visitor signs out by a link where there is no form for it."""
    scripted.answer("/", '<a href="/logout">Logout</a>')

    visitor.sign_out()

    assert scripted.requests[-1].path == "/logout"


def test_no_way_to_sign_out(scripted: ScriptedSite, visitor: Visitor) -> None:
    """The error about a missing way to sign out shows the home page."""
    scripted.answer("/", "hello")

    with pytest.raises(LinkMissing, match=r"no way to sign out on 200 .*hello"):
        visitor.sign_out()


def test_profile_form_not_prefilled(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A visitor fills in their username where the profile form leaves it empty."""
    serve_form(scripted, "/edit_profile", "username", "about_me")
    visitor.username = "susan"

    visitor.edit_profile(about_me="I")

    assert sent(scripted) == {"username": "susan", "about_me": "I"}


def test_profile_form_without_a_field(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A profile form without a field is reported as not offering to change it."""
    serve_form(scripted, "/edit_profile", "username")

    with pytest.raises(NotOffered, match="does not ask for about_me"):
        visitor.edit_profile(about_me="I")


def test_profile_form_that_fails(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A server error in place of a form is reported as such, not as a missing form."""
    scripted.answer("/edit_profile", "oh", status="500 Oh")

    with pytest.raises(PageFailed, match="/edit_profile answers 500"):
        visitor.edit_profile(username="john")
    with pytest.raises(PageFailed):
        visitor.form(visitor.open("/edit_profile"), "username")


def test_no_profile_form(scripted: ScriptedSite, visitor: Visitor) -> None:
    """The error about a missing profile form names the expected fields."""
    serve_form(scripted, "/edit_profile", "q")

    with pytest.raises(FieldMissing, match="no form with username, about_me"):
        visitor.edit_profile(username="john")


def test_nowhere_to_write(scripted: ScriptedSite, visitor: Visitor) -> None:
    """A home page without a form for posts is reported as not offering them."""
    scripted.answer("/", "hello")

    with pytest.raises(NotOffered, match="no form to write a post"):
        visitor.write("Hello!")


def test_signed_in(scripted: ScriptedSite, visit: Callable[..., Visitor]) -> None:
    """A visitor is signed in if a page for members opens, and leads nowhere else."""
    scripted.answer("/", '<a href="/logout">Log out</a>')
    scripted.answer("/me", "hello")
    scripted.answer("/settings", status="302 Found", Location="/")

    assert visit(members_only="/me").is_signed_in()
    assert not visit(members_only="/settings").is_signed_in()
    assert not visit(members_only="/nope").is_signed_in()
    assert visit(members_only="").is_signed_in()


def test_both_forms_on_one_page(
    scripted: ScriptedSite, visit: Callable[..., Visitor]
) -> None:
    """Of a page with both forms, the one that asks for more is to register."""
    fields = '<input name="username"><input type="password" name="password">'
    scripted.answer(
        "/login",
        f'<form method="post">{fields}</form>'
        f'<form method="post">{fields}<input name="email"></form>',
    )
    visitor = visit(places={"login": "/login", "register": "/login"})

    visitor.register("susan")
    assert sent(scripted)["email"] == "susan@example.com"
    visitor.sign_in("susan")
    assert "email" not in sent(scripted)


@pytest.mark.parametrize(
    ("fields", "filled"),
    [
        (["secret"], "secret"),
        (["new", "current_password", "again"], "current_password"),
        (["new", "again"], None),
    ],
    ids=["one", "current", "new"],
)
def test_current_password(
    scripted: ScriptedSite, visitor: Visitor, fields: list[str], filled: str | None
) -> None:
    """A form that asks a user for the current password gets it."""
    asked = "".join(f'<input type="password" name="{name}">' for name in fields)
    form = f'<form method="post"><input name="about_me">{asked}</form>'
    scripted.answer("/edit_profile", form)
    visitor.username = "susan"

    visitor.edit_profile(about_me="I")

    given = {name: PASSWORD if name == filled else "" for name in fields}
    assert sent(scripted) == {"about_me": "I", **given}


def test_usual_pages(scripted: ScriptedSite, visit: Callable[..., Visitor]) -> None:
    """The usual pages are those that open, each once."""
    scripted.answer("/", status="302 Found", Location="/login")
    scripted.answer("/login", "hello")
    scripted.answer("/user/susan", "susan")

    pages = visit().usual_pages()

    assert [page.path for page in pages] == ["/login", "/user/susan"]
