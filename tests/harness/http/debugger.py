"""Werkzeug's debugger, spoken to as the script of its own page does."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.harness.http.browser import Browser
from tests.harness.http.page import Page

#: How the server's output shows the PIN: at the start, or when a page asks for it.
PIN = r"Debugger (?:PIN|pin code): ([\d-]+)"


@dataclass(frozen=True)
class PinResult:
    """What the debugger says to a PIN."""

    #: This browser may evaluate from now on.
    accepted: bool
    #: Too many wrong ones were tried: no more is looked at.
    locked: bool


class Debugger:
    """
    The debugger, or the console, on one page.

    Its methods take the options of :meth:`Browser.open`, such as other headers.

    :param browser: the one that holds the page, and then the debugger's cookie
    """

    def __init__(self, browser: Browser, page: Page) -> None:
        self._browser = browser
        self._page = page
        found = re.search(r'SECRET = "(\w+)"', page.html)
        if found is None:
            raise AssertionError(f"no debugger on {page}")
        self._secret = found[1]

    @property
    def offers_console(self) -> bool:
        """Whether the page lets one evaluate at all."""
        return "EVALEX = true" in self._page.html

    @property
    def frames(self) -> list[str]:
        """The ids of the stack's frames, the outermost first; the console has one."""
        return re.findall(r'id="frame-(\d+)"', self._page.html) or ["0"]

    def ask_for_pin(self) -> None:
        """Let the server print its PIN, as the page does when one opens a console."""
        self.send("printpin")

    def enter(self, pin: str, **options: Any) -> PinResult:
        """Enter a PIN."""
        said = json.loads(self.send("pinauth", {"pin": pin}, **options).body)
        return PinResult(accepted=said["auth"], locked=said["exhausted"])

    def evaluate(self, expression: str, **options: Any) -> Page:
        """Evaluate an expression in the innermost frame."""
        return self.send(expression, {"frm": self.frames[-1]}, **options)

    def send(
        self, command: str, arguments: Mapping[str, str] | None = None, **options: Any
    ) -> Page:
        """Send one command of the debugger's protocol."""
        query = {"__debugger__": "yes", "cmd": command, "s": self._secret}
        return self._browser.open(
            self._page.url, params={**query, **(arguments or {})}, **options
        )
