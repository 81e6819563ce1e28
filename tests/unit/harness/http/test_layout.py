"""The layout that the pages of a site share."""

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.layout import is_bare, layout
from tests.html import page

HOME = page(
    '<link rel="stylesheet" href="/static/style.css?v=1"><a href="/">Home</a>'
    '<a href="/user/susan#posts">Profile</a>'
)


def test_layout() -> None:
    """The layout is the links that all pages have, without query and fragment."""
    other = page('<a href="/?page=2">Start</a><a href="/about">About</a>')

    assert layout(HOME) == {"/static/style.css", "/", "/user/susan"}
    assert layout(HOME, other) == {"/"}


def test_no_layout() -> None:
    """Pages that have nothing in common offer no layout to judge others by."""
    with pytest.raises(NotOffered, match="no link and no stylesheet in common"):
        layout(HOME, page("nothing"))


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        ("<h1>Not Found</h1>", True),
        ('<h1>Not Found</h1><a href="/">Back</a>', False),
        ("<h1>Oh no</h1>", False),
        ("<script>var EVALEX = true</script><link href='/debug.css'>", True),
    ],
    ids=["werkzeug", "with-a-link", "own-words", "debugger"],
)
def test_bare_page(html: str, bare: bool) -> None:
    """Werkzeug's own error pages are distinguished from an application's."""
    assert is_bare(page(html)) is bare


def test_content_of_auth_pages() -> None:
    """What stands around a form that asks for a password is not the layout."""
    nav = '<nav><a href="/">Home</a></nav>'
    form = '<form><input type="password"></form><a href="/join">New here?</a>'

    assert layout(page(f"{nav}<h1>Sign in</h1><a href='/help'>Help</a>{form}")) == {"/"}
    assert layout(page(f"{nav}<main>{form}</main><a href='/about'>About</a>")) == {
        *("/", "/about")
    }
