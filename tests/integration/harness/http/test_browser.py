"""A browser without scripts, on sites unlike our own."""

from collections.abc import Iterator

import pytest

from tests.harness.http.browser import MAX_REDIRECTS, Browser
from tests.harness.http.form import FieldMissing
from tests.harness.http.site_map import SiteMap
from tests.html import form
from tests.integration.harness.http.scripted_site import ScriptedSite

FORM = """
    <form action="/save" method="post">
      <label for="u">Username</label><input id="u" name="username" value="susan">
    </form>
"""


@pytest.fixture
def browser(scripted: ScriptedSite) -> Iterator[Browser]:
    """A browser on the scripted site."""
    with Browser(lambda: scripted.url, SiteMap()) as browser:
        yield browser


def test_redirect_to_another_site(scripted: ScriptedSite, browser: Browser) -> None:
    """A redirect to another site is not followed, even on the same machine."""
    scripted.answer("/a", status="303 See Other", Location="http://127.0.0.1:9/b")

    page = browser.open("/a")

    assert (page.status, page.headers["Location"]) == (303, "http://127.0.0.1:9/b")
    assert len(scripted.requests) == 1


def test_endless_redirects(scripted: ScriptedSite, browser: Browser) -> None:
    """A page that redirects to itself is returned after a number of redirects."""
    scripted.answer("/a", status="303 See Other", Location="/a")

    page = browser.open("/a")

    assert (page.status, page.path) == (303, "/a")
    assert len(scripted.requests) == MAX_REDIRECTS + 1


def test_form_by_get(scripted: ScriptedSite, browser: Browser) -> None:
    """A form whose method is GET is sent as a query."""
    scripted.answer("/form", '<form action="/find"><input name="q"></form>')

    browser.fill_in(browser.open("/form"), q="a b")

    assert scripted.requests[-1].method == "GET"
    assert scripted.requests[-1].data == [("q", "a b")]


def test_missing_field(browser: Browser) -> None:
    """The error about a missing field names the form's address and the field."""
    with pytest.raises(FieldMissing, match=r"/save lacks a field \('Email', 'email'\)"):
        browser.submit(form(FORM), email="susan@example.com")


def test_missing_form(scripted: ScriptedSite, browser: Browser) -> None:
    """The error about a missing form names its fields and the page."""
    scripted.answer("/form", FORM)

    with pytest.raises(FieldMissing, match="no form with username, email on 200 http"):
        browser.form(browser.open("/form"), "username", "email")
