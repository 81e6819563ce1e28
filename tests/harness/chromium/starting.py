"""Finds and starts Chromium: Debian's where it is installed, else Playwright's own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

#: Set to 1, a missing browser is a failure and not a skip.
SWITCH = "MICROBLOG_REQUIRE_BROWSER"

#: A name of this machine that it does not know itself: what a stranger's DNS may say.
REBOUND = "rebound.example"
#: No host but this machine has an address, whatever a page or Chromium itself asks for.
OFFLINE = (
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1 , MAP * ~NOTFOUND , "
    "EXCLUDE 127.0.0.1"
)


class NoBrowser(Exception):
    """There is no browser on this machine; the message says what to do."""


@contextmanager
def started() -> Iterator[Browser]:
    """
    Start Chromium, for the length of the block.

    :raise NoBrowser: Playwright or a browser is missing
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("no browser here: see `tox -e browser`") from None
    with sync_playwright() as playwright:
        asyncio.get_running_loop().set_debug(False)
        browser = playwright.chromium.launch(
            executable_path=executable(playwright.chromium), args=[OFFLINE]
        )
        try:
            yield browser
        finally:
            browser.close()


def executable(own: BrowserType) -> str:
    """Return the path of the browser to start; *own* is Playwright's."""
    for path in ("chromium", own.executable_path):
        if found := shutil.which(path):
            return found
    raise NoBrowser(
        "no browser here: `apt install chromium` or "
        "`python -m playwright install chromium` brings one"
    )
