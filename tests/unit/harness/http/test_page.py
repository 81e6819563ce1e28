"""Pages of any implementation, read as a person reads them."""

import pytest

from tests.harness.http.form import FieldMissing, Form
from tests.harness.http.page import LinkMissing, Page
from tests.harness.http.page_text import is_english
from tests.html import page

PAGE = """
    <!doctype html><title> Home -
      Microblog</title>
    <body><nav><a href="/">Home</a> <a href="/user/susan">Profile</a></nav>
    <h1>Hello,  <b>susan</b></h1>
    <form action="/login"><input name="username" value="susan"></form></body>
"""


def test_collapsed_whitespace() -> None:
    """Title, heading and text are read with runs of whitespace collapsed."""
    found = page(PAGE)

    assert found.title == "Home - Microblog"
    assert found.heading == "Hello, susan"
    assert found.text == "Home Profile Hello, susan"


def test_empty_page() -> None:
    """A page without title, heading and reference has empty ones."""
    found = page("nothing")

    assert (found.title, found.heading, found.reference) == ("", "", "")
    assert found.text == "nothing"


def test_undecodable_page() -> None:
    """Bytes that are not UTF-8 are read as replacement characters."""
    assert Page(200, "", {}, b"caf\xe9").html == "caf\N{REPLACEMENT CHARACTER}"


def test_first_link_counts() -> None:
    """The first of two links with the same text counts."""
    assert page('<a href="/1">x</a><a href="/2">x</a>').link("x").endswith("/1")


def test_missing_link() -> None:
    """The error about a missing link lists the links of the page."""
    with pytest.raises(LinkMissing, match=r"no link 'Out' among \['Home', 'Profile'\]"):
        page(PAGE).link("Out")


def test_missing_form() -> None:
    """The error about a missing form shows the page."""
    with pytest.raises(FieldMissing, match=r"no form with email\n200 http.*Hello"):
        page(PAGE).form("email")


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
def test_flashed_messages(html: str) -> None:
    """Flashed messages are found however they are marked, each once."""
    assert page(html).messages == ["Saved."]


@pytest.mark.parametrize(
    "html",
    [
        pytest.param('<a href="/logout">Bye</a>', id="address"),
        pytest.param('<a href="/bye">Log out</a>', id="text"),
    ],
)
def test_sign_out_link(html: str) -> None:
    """A link to sign out is found by its text or its address."""
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
def test_sign_out_form(html: str) -> None:
    """A form to sign out is found by its action or button, and preferred to a link."""
    found = page(html + '<a href="/logout">Log out</a>')

    assert isinstance(found.sign_out, Form)


def test_signed_out_page() -> None:
    """A page without a way to sign out is that of a signed-out visitor."""
    assert not page(PAGE).signed_in


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("An error has happened", True),
        ("Something went wrong", True),
        ("Home Login Internal Server Error", False),
        ("The server is on fire, 很抱歉", False),
        ("Etwas ging schief", False),
    ],
)
def test_english(text: str, english: bool) -> None:
    """A text with two common words and no foreign letter is in English."""
    assert is_english(text) is english


def test_blanks_around_an_address() -> None:
    """Blanks around the address of a link or a form are ignored, as browsers do."""
    served = page('<a href=" /out ">Out</a><form action=" /in "></form>')

    assert served.links["Out"].endswith("/out")
    assert served.forms[0].action.endswith("/in")
