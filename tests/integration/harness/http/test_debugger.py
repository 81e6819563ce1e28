"""Werkzeug's debugger, spoken to as the script of its own page does."""

import json
from collections.abc import Iterator

import pytest

from tests.harness.http.browser import Browser
from tests.harness.http.debugger import Debugger, PinResult
from tests.harness.http.site_map import SiteMap
from tests.integration.harness.http.scripted_site import Scripted

PAGE = """
    <script>var EVALEX = true, SECRET = "abc";</script>
    <div id="frame-17"></div><div id="frame-42"></div>
"""


@pytest.fixture
def browser(scripted: Scripted) -> Iterator[Browser]:
    """A browser on the scripted server."""
    with Browser(lambda: scripted.url, SiteMap()) as browser:
        yield browser


def debugger(scripted: Scripted, browser: Browser, page: str = PAGE) -> Debugger:
    """The debugger on a page of the scripted server."""
    scripted.answer("/boom", page)
    return Debugger(browser, browser.open("/boom"))


def test_no_debugger(scripted: Scripted, browser: Browser) -> None:
    """A page without the debugger's secret is none of it."""
    with pytest.raises(AssertionError, match="no debugger on 200 http"):
        debugger(scripted, browser, "hello")


def test_frames(scripted: Scripted, browser: Browser) -> None:
    """The frames of the stack are those of the page."""
    found = debugger(scripted, browser)

    assert (found.frames, found.offers_console) == (["17", "42"], True)


def test_console_frame(scripted: Scripted, browser: Browser) -> None:
    """The console by itself is one frame."""
    assert debugger(scripted, browser, 'SECRET = "abc"').frames == ["0"]


def test_evaluated(scripted: Scripted, browser: Browser) -> None:
    """An expression is evaluated in the innermost frame, with the page's secret."""
    debugger(scripted, browser).evaluate("1 + 1")

    assert dict(scripted.requests[-1].data) == {
        "__debugger__": "yes",
        "cmd": "1 + 1",
        "s": "abc",
        "frm": "42",
    }


def test_pin(scripted: Scripted, browser: Browser) -> None:
    """What the debugger says to a PIN is whether it was right, and if it is locked."""
    found = debugger(scripted, browser)
    scripted.answer("/boom", json.dumps({"auth": False, "exhausted": True}))

    assert found.enter("123") == PinResult(accepted=False, locked=True)


def test_asked_for_the_pin(scripted: Scripted, browser: Browser) -> None:
    """Asking for the PIN lets the server print it."""
    debugger(scripted, browser).ask_for_pin()

    assert ("cmd", "printpin") in scripted.requests[-1].data
