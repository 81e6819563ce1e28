"""A browser without scripts."""

from collections.abc import Iterator

import pytest

from tests.harness.http.browser import ACCEPT, HOPS, Browser
from tests.harness.http.form import FieldMissing
from tests.harness.http.page import Redirect
from tests.harness.http.site_map import SiteMap
from tests.html import form
from tests.integration.harness.http.scripted_site import Scripted

FORM = """
    <form action="/save" method="post">
      <input type="hidden" name="csrf_token" value="abc">
      <label for="u">Username</label><input id="u" name="username" value="susan">
    </form>
"""


@pytest.fixture
def browser(scripted: Scripted) -> Iterator[Browser]:
    """A browser on the scripted server."""
    with Browser(lambda: scripted.url, SiteMap()) as browser:
        yield browser


def redirect(scripted: Scripted, path: str, to: str, status: str = "303 Go") -> None:
    """Answer a path with a redirect, whatever the method."""
    for method in ("GET", "POST"):
        scripted.answer(path, method=method, status=status, Location=to)


def test_page(scripted: Scripted, browser: Browser) -> None:
    """A page comes with its status, its address and its headers."""
    scripted.answer("/a", "hello", status="404 Gone", X_Frame_Options="DENY")

    page = browser.open("/a")

    assert (page.status, page.url, page.text) == (404, f"{scripted.url}/a", "hello")
    assert page.headers["X-Frame-Options"] == "DENY"


def test_accept(scripted: Scripted, browser: Browser) -> None:
    """A browser says that it prefers HTML, if nothing else is asked for."""
    browser.open("/")
    browser.open("/", headers={"Accept": "application/json"})

    assert [one.accept for one in scripted.requests] == [ACCEPT, "application/json"]


@pytest.mark.parametrize("status", ["302 Found", "303 See Other"])
def test_redirect(scripted: Scripted, browser: Browser, status: str) -> None:
    """A redirect after a form is followed with a GET, without the data."""
    redirect(scripted, "/a", "/b", status)
    scripted.answer("/b", "there")

    page = browser.request("POST", "/a", data={"x": "1"})

    assert (page.text, page.path) == ("there", "/b")
    assert page.redirects == (Redirect(int(status[:3]), "/b"),)
    assert [(one.method, one.data) for one in scripted.requests] == [
        ("POST", [("x", "1")]),
        ("GET", []),
    ]


def test_redirect_that_keeps_the_method(scripted: Scripted, browser: Browser) -> None:
    """A redirect of status 307 is followed with the same method and data."""
    redirect(scripted, "/a", "/b", "307 Again")

    browser.request("POST", "/a", data={"x": "1"})

    assert [(one.method, one.data) for one in scripted.requests] == [
        ("POST", [("x", "1")])
    ] * 2


def test_redirect_not_followed(scripted: Scripted, browser: Browser) -> None:
    """A redirect that one does not want to follow is a page itself."""
    redirect(scripted, "/a", "/b")

    page = browser.open("/a", follow=False)

    assert (page.headers["Location"], page.redirects) == ("/b", ())


def test_redirect_to_another_site(scripted: Scripted, browser: Browser) -> None:
    """A redirect to another site is not followed, not even on this machine."""
    redirect(scripted, "/a", "http://127.0.0.1:9/b")

    page = browser.open("/a")

    assert page.headers["Location"] == "http://127.0.0.1:9/b"
    assert len(scripted.requests) == 1


def test_redirects_without_end(scripted: Scripted, browser: Browser) -> None:
    """Redirects without end end nevertheless."""
    redirect(scripted, "/a", "/a")

    browser.open("/a")

    assert len(scripted.requests) == HOPS + 1


def test_cookies(scripted: Scripted, browser: Browser) -> None:
    """A cookie that was set comes back with the next request."""
    scripted.answer("/a", Set_Cookie="session=abc; Path=/")
    browser.open("/a")
    browser.open("/b")

    assert browser.cookies == {"session": "abc"}
    assert scripted.requests[-1].cookie == "session=abc"


def test_restarted(scripted: Scripted, browser: Browser) -> None:
    """A restarted browser has lost the cookies of the session, and no others."""
    scripted.answer("/a", Set_Cookie="session=abc")
    scripted.answer("/b", Set_Cookie="stay=def; Max-Age=1000")
    browser.open("/a")
    browser.open("/b")

    browser.restart_browser()

    assert browser.cookies == {"stay": "def"}


def test_copied(scripted: Scripted, browser: Browser) -> None:
    """A copy begins with the same cookies, and goes its own way."""
    scripted.answer("/a", Set_Cookie="session=abc")
    browser.open("/a")

    with browser.copy() as twin:
        assert twin.cookies == {"session": "abc"}
        twin.restart_browser()

    assert browser.cookies == {"session": "abc"}


def test_followed_link(scripted: Scripted, browser: Browser) -> None:
    """A link is followed by its text."""
    scripted.answer("/a", '<a href="b">There</a>')
    scripted.answer("/b", "there")

    assert browser.follow(browser.open("/a"), "There").text == "there"


def test_filled_in(scripted: Scripted, browser: Browser) -> None:
    """A form that is filled in goes out with every field that it was served with."""
    scripted.answer("/form", FORM)

    browser.fill_in(browser.open("/form"), username="john")

    assert scripted.requests[-1].method == "POST"
    assert scripted.requests[-1].path == "/save"
    assert scripted.requests[-1].data == [("csrf_token", "abc"), ("username", "john")]


def test_form_by_get(scripted: Scripted, browser: Browser) -> None:
    """A form whose method is GET goes out as a query."""
    scripted.answer("/form", '<form action="/find"><input name="q"></form>')

    browser.fill_in(browser.open("/form"), q="a b")

    assert scripted.requests[-1].method == "GET"
    assert scripted.requests[-1].data == [("q", "a b")]


@pytest.mark.parametrize(
    ("token", "sent"),
    [
        pytest.param(
            "forged", [("username", "susan"), ("csrf_token", "forged")], id="x"
        ),
        pytest.param(None, [("username", "susan")], id="none"),
    ],
)
def test_other_token(
    scripted: Scripted, browser: Browser, token: str | None, sent: list[object]
) -> None:
    """A form can go out with another token than its own, or with none."""
    browser.submit(form(FORM.replace("/save", f"{scripted.url}/save")), token=token)

    assert scripted.requests[-1].data == sent


def test_value(browser: Browser) -> None:
    """What stands in a field is read by the name that tests have for it."""
    assert browser.value(form(FORM), "username") == "susan"


def test_missing_field(browser: Browser) -> None:
    """A form without a field that is to be filled in is told by its address."""
    with pytest.raises(FieldMissing, match=r"/save lacks a field \('Email', 'email'\)"):
        browser.submit(form(FORM), email="susan@example.com")


def test_missing_form(scripted: Scripted, browser: Browser) -> None:
    """A page without such a form is told with what is on it."""
    scripted.answer("/form", FORM)

    with pytest.raises(FieldMissing, match="no form with username, email on 200 http"):
        browser.form(browser.open("/form"), "username", "email")


def test_raw(scripted: Scripted, browser: Browser) -> None:
    """A request can go out byte for byte, and its answer come back so."""
    scripted.answer("/a", "hello")

    answer = browser.raw(b"GET /a HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nhello")
