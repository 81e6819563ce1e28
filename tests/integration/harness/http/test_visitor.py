"""What people do on a microblog, through the forms that they are served."""

from collections.abc import Iterator

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.form import FieldMissing
from tests.harness.http.page import LinkMissing, PageFailed
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import PASSWORD, Visitor
from tests.integration.harness.http.scripted_site import Scripted


@pytest.fixture
def visitor(scripted: Scripted) -> Iterator[Visitor]:
    """A visitor of the scripted server."""
    with Visitor(lambda: scripted.url, SiteMap()) as visitor:
        yield visitor


def serve_form(scripted: Scripted, path: str, *fields: str) -> None:
    """Serve a form with these fields, which goes back to its own address."""
    inputs = "".join(f'<input name="{name}" type="text">' for name in fields)
    scripted.answer(path, f'<form method="post">{inputs}</form>')


def sent(scripted: Scripted) -> tuple[str, dict[str, str]]:
    """Return where the last form went, and what was in it."""
    last = scripted.requests[-1]
    assert last.method == "POST"
    return last.path, dict(last.data)


def test_register(scripted: Scripted, visitor: Visitor) -> None:
    """Who registers gives a name, an address made of it, and the password twice."""
    serve_form(scripted, "/register", "username", "email", "password", "password2")

    visitor.register("susan")

    assert sent(scripted) == (
        "/register",
        {
            "username": "susan",
            "email": "susan@example.com",
            "password": PASSWORD,
            "password2": PASSWORD,
        },
    )


def test_register_with_an_address(scripted: Scripted, visitor: Visitor) -> None:
    """An address that is given is taken, an empty one too."""
    serve_form(scripted, "/register", "username", "email", "password", "password2")

    visitor.register("susan", email="")

    assert sent(scripted)[1]["email"] == ""


def test_register_with_an_address_twice(scripted: Scripted) -> None:
    """Where the address is asked for twice it is given twice."""
    serve_form(scripted, "/register", "password", "email", "confirm_email")
    sitemap = SiteMap(fields={"email": ("email",), "email2": ("confirm_email",)})

    with Visitor(lambda: scripted.url, sitemap) as visitor:
        visitor.register("susan")

    assert sent(scripted)[1]["confirm_email"] == "susan@example.com"


def test_register_where_choices_are_asked(scripted: Scripted) -> None:
    """Of a choice what the map says is sent, and the first one if it says no more."""
    scripted.answer(
        "/register",
        '<form method="post"><input name="password"><input type="radio" name="sort"'
        ' value="a"><input type="radio" name="sort" value="b"><select name="land">'
        '<option value="">?</option><option value="pt">Portugal</option></select>'
        "</form>",
    )
    sitemap = SiteMap(extra_fields={"sort": True, "land": "pt"})

    with Visitor(lambda: scripted.url, sitemap) as visitor:
        visitor.register("susan")

    assert sent(scripted)[1] == {"password": PASSWORD, "sort": "a", "land": "pt"}


def test_register_where_more_is_asked(scripted: Scripted) -> None:
    """What a site asks for beyond the usual is filled in as its map says."""
    serve_form(scripted, "/register", "username", "password", "city")
    sitemap = SiteMap(extra_fields={"city": "Portland", "zip": "97201"})

    with Visitor(lambda: scripted.url, sitemap) as visitor:
        visitor.register("susan")

    assert sent(scripted)[1] == {
        "username": "susan",
        "password": PASSWORD,
        "city": "Portland",
    }


def test_sign_in(scripted: Scripted, visitor: Visitor) -> None:
    """Who signs in gives name and password."""
    serve_form(scripted, "/login", "username", "password")

    visitor.sign_in("susan", "secret")

    assert sent(scripted) == ("/login", {"username": "susan", "password": "secret"})
    assert visitor.username == "susan"


def test_sign_in_by_address(scripted: Scripted, visitor: Visitor) -> None:
    """Where the form asks for no name, people sign in by their address."""
    serve_form(scripted, "/login", "email", "password")

    visitor.sign_in("susan")

    assert sent(scripted)[1]["email"] == "susan@example.com"


def test_sign_in_remembered(scripted: Scripted, visitor: Visitor) -> None:
    """Who wants to be remembered ticks the box."""
    scripted.answer(
        "/login",
        '<form method="post"><input name="username"><input name="password">'
        '<input type="checkbox" name="remember_me" value="y"></form>',
    )

    visitor.sign_in("susan", remember=True)

    assert sent(scripted)[1]["remember_me"] == "y"


def test_sign_in_cannot_be_remembered(scripted: Scripted, visitor: Visitor) -> None:
    """A sign-in form without the box offers nobody to be remembered."""
    serve_form(scripted, "/login", "username", "password")

    with pytest.raises(NotOffered, match="remember me"):
        visitor.sign_in("susan", remember=True)


def test_sign_in_here(scripted: Scripted, visitor: Visitor) -> None:
    """A sign-in form that is already open is filled in as it is."""
    serve_form(scripted, "/somewhere", "username", "password")

    visitor.sign_in("susan", page=visitor.open("/somewhere"))

    assert sent(scripted)[0] == "/somewhere"


def test_sign_out_by_form(scripted: Scripted, visitor: Visitor) -> None:
    """The form on the home page is the way out."""
    scripted.answer("/", '<form action="/logout" method="post"></form>')

    visitor.sign_out()

    assert sent(scripted)[0] == "/logout"


def test_sign_out_by_link(scripted: Scripted, visitor: Visitor) -> None:
    """The link on the home page is the way out, where there is no form."""
    scripted.answer("/", '<a href="/logout">Logout</a>')

    visitor.sign_out()

    assert (scripted.requests[-1].method, scripted.requests[-1].path) == (
        "GET",
        "/logout",
    )


def test_no_way_out(scripted: Scripted, visitor: Visitor) -> None:
    """A home page without a way out is told so."""
    scripted.answer("/", "hello")

    with pytest.raises(LinkMissing, match=r"no way to sign out on 200 .*hello"):
        visitor.sign_out()


def test_profile(scripted: Scripted, visitor: Visitor) -> None:
    """A profile is one's own, or that of somebody named."""
    visitor.username = "susan"
    visitor.profile()
    visitor.profile("john")

    assert [one.path for one in scripted.requests] == ["/user/susan", "/user/john"]


def test_edit_profile(scripted: Scripted, visitor: Visitor) -> None:
    """What is not changed of a profile goes back as it was."""
    scripted.answer(
        "/edit_profile",
        '<form method="post"><input name="username" value="susan">'
        '<input name="about_me" value="me"></form>',
    )

    visitor.edit_profile(about_me="I")

    assert sent(scripted)[1] == {"username": "susan", "about_me": "I"}


def test_edit_profile_that_is_not_prefilled(
    scripted: Scripted, visitor: Visitor
) -> None:
    """Who finds the field for his name empty fills it in, as people do."""
    serve_form(scripted, "/edit_profile", "username", "about_me")
    visitor.username = "susan"

    visitor.edit_profile(about_me="I")

    assert sent(scripted)[1] == {"username": "susan", "about_me": "I"}


def test_edit_profile_without_a_field(scripted: Scripted, visitor: Visitor) -> None:
    """A profile form that lacks what is to be changed does not offer it."""
    serve_form(scripted, "/edit_profile", "username")

    with pytest.raises(NotOffered, match="does not ask for about_me"):
        visitor.edit_profile(about_me="I")


def test_edit_profile_that_fails(scripted: Scripted, visitor: Visitor) -> None:
    """A page that fails is a failure of the site, and no missing form."""
    scripted.answer("/edit_profile", "oh", status="500 Oh")

    with pytest.raises(PageFailed, match="/edit_profile answers 500"):
        visitor.edit_profile(username="john")
    with pytest.raises(PageFailed):
        visitor.form(visitor.open("/edit_profile"), "username")


def test_edit_profile_without_a_form(scripted: Scripted, visitor: Visitor) -> None:
    """A page whose forms are about something else has no profile form."""
    serve_form(scripted, "/edit_profile", "q")

    with pytest.raises(FieldMissing, match="no form with username, about_me"):
        visitor.edit_profile(username="john")


def test_write(scripted: Scripted, visitor: Visitor) -> None:
    """Who writes does it on the home page."""
    scripted.answer("/", '<form method="post"><textarea name="post"></textarea></form>')

    visitor.write("Hello!")

    assert sent(scripted) == ("/", {"post": "Hello!"})


def test_nowhere_to_write(scripted: Scripted, visitor: Visitor) -> None:
    """A home page without a form to write does not offer posts."""
    scripted.answer("/", "hello")

    with pytest.raises(NotOffered, match="no form to write a post"):
        visitor.write("Hello!")


def test_copy(visitor: Visitor) -> None:
    """A copy of somebody has the same name."""
    visitor.username = "susan"

    with visitor.copy() as twin:
        assert twin.username == "susan"
