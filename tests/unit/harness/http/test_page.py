"""An answered request, read as a person reads the page."""

import pytest

from tests.harness.http.form import FieldMissing, Form
from tests.harness.http.page import LinkMissing, Page
from tests.html import page

PAGE = """
    <!doctype html><title> Home -
      Microblog</title>
    <body><nav><a href="/">Home</a> <a href="/user/susan">Profile</a></nav>
    <h1>Hello,  <b>susan</b></h1><code>ABCDEFGH</code>
    <p>One   two.</p>
    <form action="/login"><input name="username" value="susan"></form></body>
"""


def test_words() -> None:
    """Title, heading and text are read with their blanks run together."""
    found = page(PAGE)

    assert found.title == "Home - Microblog"
    assert found.heading == "Hello, susan"
    assert found.text.endswith("Hello, susan ABCDEFGH One two.")


def test_bare_page() -> None:
    """A page without title, heading and reference has empty ones."""
    found = page("nothing")

    assert (found.title, found.heading, found.reference) == ("", "", "")
    assert found.text == "nothing"


def test_reference() -> None:
    """The reference of an error page is read off it."""
    assert page(PAGE).reference == "ABCDEFGH"


def test_path() -> None:
    """The path of a page has no query."""
    assert page("", url="http://127.0.0.1/user/susan?before=3").path == "/user/susan"


def test_json() -> None:
    """An answer in JSON is read as such."""
    assert page('{"status": 404}').json == {"status": 404}


def test_not_utf_8() -> None:
    """A page that is not UTF-8 is read with replacement signs."""
    assert Page(200, "", {}, b"caf\xe9").html == "caf\N{REPLACEMENT CHARACTER}"


def test_links() -> None:
    """Links are found by their text, and lead where the page resolves them."""
    assert page(PAGE).link("Profile") == "http://127.0.0.1/user/susan"


def test_first_link_wins() -> None:
    """Of two links with one text the first is taken."""
    assert page('<a href="/1">x</a><a href="/2">x</a>').link("x").endswith("/1")


def test_missing_link() -> None:
    """A link that is not there is told with those that are."""
    with pytest.raises(LinkMissing, match=r"no link 'Out' among \['Home', 'Profile'\]"):
        page(PAGE).link("Out")


def test_form() -> None:
    """A form is found by the fields that it has."""
    assert page(PAGE).form("username").action.endswith("/login")


def test_missing_form() -> None:
    """A form that is not there is told with the page."""
    with pytest.raises(FieldMissing, match=r"no form with email\n200 http.*Hello"):
        page(PAGE).form("email")


def test_value() -> None:
    """What stands in a field is read off its form."""
    assert page(PAGE).value("username") == "susan"


def test_values() -> None:
    """All that stands in the fields of a page is told together."""
    assert page(PAGE + "<form><input name='b' value='x'></form>").values == "susan x"


def test_errors_of_a_field() -> None:
    """The messages at a field are read off its form."""
    found = page('<form><p><input name="a"><b class="error">No.</b></p></form>')

    assert found.errors("a") == ["No."]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<ul><li>Saved.</li></ul>", id="plain-list"),
        pytest.param('<div class="alert alert-info">Saved.</div>', id="class"),
        pytest.param('<p role="status">Saved.</p>', id="role"),
        pytest.param(
            '<ul class="flashes"><li class="message">Saved.</li></ul>', id="nested"
        ),
        pytest.param(
            '<div class="flash"><p>Saved.</p></div>'
            '<form><p class="message">Of a field.</p></form>',
            id="not-in-a-form",
        ),
        pytest.param(
            '<ul><li><a href="/">Home</a></li></ul><ul><li>Saved.</li></ul>',
            id="not-navigation",
        ),
    ],
)
def test_messages(html: str) -> None:
    """Messages about what happened are read, each once, whatever marks them."""
    assert page(html).messages == ["Saved."]


def test_no_messages() -> None:
    """A page without messages has none."""
    assert page("<p>Hello</p>").messages == []


@pytest.mark.parametrize(
    "html",
    [
        pytest.param('<a href="/logout">Bye</a>', id="address"),
        pytest.param('<a href="/bye">Log out</a>', id="text"),
    ],
)
def test_way_out_by_a_link(html: str) -> None:
    """A link is the way out by its text or its address."""
    found = page(html)

    assert found.signed_in
    assert found.sign_out == found.links.popitem()[1]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param('<form action="/logout"></form>', id="action"),
        pytest.param("<form><button>Sign Out</button></form>", id="button"),
    ],
)
def test_way_out_by_a_form(html: str) -> None:
    """A form is the way out by its action or its button, before any link."""
    found = page(html + '<a href="/logout">Log out</a>')

    assert isinstance(found.sign_out, Form)


def test_no_way_out() -> None:
    """A page without a way out is that of a stranger."""
    assert not page(PAGE).signed_in
