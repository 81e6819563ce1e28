"""Finds and starts Chromium: Debian's if it is installed, otherwise Playwright's."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType

#: The variable that makes a missing browser a failure in place of a skip.
SWITCH = "MICROBLOG_REQUIRE_BROWSER"

#: A foreign host name that resolves to this machine, as in DNS rebinding.
REBOUND = "rebound.example"
#: Resolves no other host names, for pages as well as for Chromium itself.
OFFLINE = (
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1 , MAP * ~NOTFOUND , "
    "EXCLUDE 127.0.0.1"
)


class NoBrowser(Exception):
    """No browser is installed; the message says how to install one."""


@contextmanager
def started() -> Iterator[Browser]:
    """Run Chromium while the block runs.

    Raises:
        NoBrowser: Playwright or a browser is missing.
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
    """Return the path of the browser to start; *own* is Playwright's browser."""
    for path in ("chromium", own.executable_path):
        if found := shutil.which(path):
            return found
    raise NoBrowser(
        "no browser here: `apt install chromium` or "
        "`python -m playwright install chromium` brings one"
    )
