"""What makes a page look like the others of its site."""

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.layout import frame, is_bare, layout, layout_links
from tests.html import page

HOME = page(
    '<link rel="stylesheet" href="/static/style.css?v=1"><a href="/">Home</a>'
    '<a href="/user/susan#posts">Profile</a>'
)


def test_furniture() -> None:
    """Stylesheets and links count by their address, without query and fragment."""
    assert layout_links(HOME) == {"/static/style.css", "/", "/user/susan"}


def test_frame() -> None:
    """The frame is the stylesheets and the words of the navigation's links."""
    navigation = '<nav><a href="/">Home</a></nav><a href="/nope">Back</a>'

    framed = page(f'<link rel="stylesheet" href="/s.css">{navigation}')

    assert frame(framed) == ["/s.css", "Home"]


def test_layout() -> None:
    """The layout is what all the ordinary pages have."""
    other = page('<a href="/">Start</a><a href="/about">About</a>')

    assert layout(HOME, other) == {"/"}


def test_no_layout() -> None:
    """Pages that have nothing in common have no layout to judge others by."""
    with pytest.raises(NotOffered, match="no link and no stylesheet in common"):
        layout(HOME, page("nothing"))


def test_bare() -> None:
    """Werkzeug's own error page is told from one that somebody wrote."""
    assert is_bare(page("<h1>Not Found</h1>"))
    assert not is_bare(page('<h1>Not Found</h1><a href="/">Back</a>'))
    assert not is_bare(page("<h1>Oh no</h1>"))
    assert is_bare(page("<script>var EVALEX = true</script><link href='/debug.css'>"))
