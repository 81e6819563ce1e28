"""Chromium and its windows; without Chromium these tests are skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.harness.chromium.starting import SWITCH, NoBrowser, started
from tests.harness.chromium.window import KeyboardWindow, Window
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; every window starts without cookies."""
    try:
        with started() as browser:
            yield browser
    except NoBrowser as missing:
        if os.environ.get(SWITCH) == "1":
            raise AssertionError(f"{missing} ({SWITCH}=1)") from None
        raise pytest.skip.Exception(str(missing)) from None


@pytest.fixture
def open_window(chromium: Browser, site: Site) -> Iterator[Callable[..., Window]]:
    """Open windows of any kind on the site; they close with the test."""
    with ExitStack() as stack:

        def opened(kind: type[Window] = Window, **options: Any) -> Window:
            return stack.enter_context(kind.opened(chromium, site.url, **options))

        yield opened


@pytest.fixture(
    params=[
        pytest.param((Window, True), id="mouse"),
        pytest.param(
            (KeyboardWindow, True),
            id="keyboard",
            marks=behaviour("pages.keyboard"),
        ),
        pytest.param(
            (Window, False), id="no-script", marks=behaviour("pages.no-script")
        ),
    ]
)
def open_any_window(
    request: pytest.FixtureRequest, open_window: Callable[..., Window]
) -> Callable[..., Window]:
    """Open windows for mouse, for keyboard only, and without scripts, in turn."""
    kind, scripts = request.param
    return lambda **options: open_window(kind, scripts=scripts, **options)


@pytest.fixture
def visitor_window(open_any_window: Callable[..., Window]) -> Window:
    """A window of an anonymous visitor."""
    return open_any_window()


@pytest.fixture
def member(open_any_window: Callable[..., Window], site: Site) -> Window:
    """A window where susan is signed in."""
    return open_any_window(cookies=site.member("susan").cookies)
