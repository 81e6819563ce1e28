"""A client of Werkzeug's debugger that speaks as the script of its page does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.harness.http.browser import Browser
from tests.harness.http.page import Page

#: The PIN in the server's output: at the start, or when a page asks for it.
PIN = r"Debugger (?:PIN|pin code): ([\d-]+)"


@dataclass(frozen=True)
class PinResult:
    """The debugger's answer to a PIN."""

    #: Whether this browser may evaluate from now on.
    accepted: bool
    #: Whether the debugger is locked after too many wrong PINs.
    locked: bool


class Debugger:
    """The debugger, or the console, on one page.

    The methods take the options of `Browser.request`, such as headers.

    Args:
        browser: The browser that got the page; it keeps the debugger's cookie.
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
        """Whether the page allows evaluating expressions at all."""
        return "EVALEX = true" in self._page.html

    @property
    def frames(self) -> list[str]:
        """The ids of the stack frames, outermost first; the console has one."""
        return re.findall(r'id="frame-(\d+)"', self._page.html) or ["0"]

    def ask_for_pin(self) -> None:
        """Have the server print its PIN, as the page does when a console is opened."""
        self.send("printpin")

    def enter(self, pin: str, **options: Any) -> PinResult:
        """Enter a PIN."""
        answer = self.send("pinauth", {"pin": pin}, **options).json
        return PinResult(accepted=answer["auth"], locked=answer["exhausted"])

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
