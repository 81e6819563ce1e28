"""A client of Werkzeug's debugger."""

import pytest

from tests.harness.http.browser import Browser
from tests.harness.http.debugger import Debugger
from tests.harness.http.site_map import SiteMap
from tests.html import page


def test_page_without_a_debugger() -> None:
    """The error about a page without the debugger shows the page."""
    with (
        Browser(lambda: "http://127.0.0.1", SiteMap()) as browser,
        pytest.raises(AssertionError, match=r"no debugger on 200 http.*hello"),
    ):
        Debugger(browser, page("hello"))
