"""A window of Chromium on a site, used with a mouse or a keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

from tests.harness.logs.secret_scanner import SECRETS

if TYPE_CHECKING:
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        Locator,
        Page,
        Request,
        Response,
    )

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
#: The widths of a phone, a tablet and a desktop in CSS pixels.
WIDTHS = (320, 768, 1280)

#: The deadline of every action in seconds.
DEADLINE = 10.0
#: How many times Tab is pressed to reach an element.
TABS = 60

FOCUSED = "element => element === document.activeElement"


class OutOfReach(AssertionError):
    """An element cannot be reached with the keyboard."""


class Window:
    """One window, used with a mouse. It is empty when it is opened.

    Attributes:
        page: Playwright's page, for looking.
        asked: The URLs of all requests, by pages and for pages.
        complaints: The errors and warnings in the browser's console.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._note_request)
        page.on("response", self._note_response)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @classmethod
    @contextmanager
    def opened(
        cls,
        browser: Browser,
        address: str,
        *,
        cookies: Mapping[str, str] | None = None,
        width: int = 1280,
        scheme: Scheme = "light",
        scripts: bool = True,
    ) -> Iterator[Self]:
        """Open a window on the site at *address* while the block runs.

        Args:
            cookies: Cookies of the site by name.
            width: The width of the page in CSS pixels.
            scheme: The preferred colour scheme.
            scripts: Whether scripts are enabled.
        """
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=scripts,
            locale="en-GB",
        )
        context.set_default_timeout(DEADLINE * 1000)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": address}
                for name, value in (cookies or {}).items()
            ]
        )
        try:
            yield cls(context.new_page())
        finally:
            context.close()

    # -- doing ------------------------------------------------------------------

    def open(self, path: str) -> int:
        """Open a path and return the status of the response."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def type(self, label: str, text: str) -> None:
        """Replace the value of the field with this label."""
        self._note_typed(label, text)
        self.page.get_by_label(label, exact=True).fill(text)

    def tick(self, label: str) -> None:
        """Tick the box with this label."""
        self.page.get_by_label(label, exact=True).check()

    def press(self, name: str) -> None:
        """Press a button that leads to another page."""
        self._go(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        """Follow a link."""
        self._go(self.page.get_by_role("link", name=name, exact=True))

    def _go(self, target: Locator) -> None:
        with self.page.expect_navigation():
            self._use(target)

    def _use(self, target: Locator) -> None:
        target.click()

    # -- looking ----------------------------------------------------------------

    @property
    def path(self) -> str:
        """The path of the page that is shown."""
        return urlsplit(self.page.url).path

    @property
    def heading(self) -> str:
        """The page's heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def foreign(self) -> list[str]:
        """The requested URLs of other hosts, which the browser cannot reach."""
        return [url for url in self.asked if not is_here(url)]

    @property
    def posts(self) -> list[str]:
        """The texts of the posts from top to bottom."""
        return self.page.locator("article .written").all_inner_texts()

    @property
    def viewer(self) -> str | None:
        """The username that the page shows as signed in, None without one."""
        named = self.page.locator(".viewer bdi")
        return named.inner_text() if named.count() else None

    @property
    def navigation(self) -> list[str]:
        """The texts of the items of the main navigation."""
        items = self.page.get_by_role("navigation", name="Main").get_by_role("listitem")
        return items.all_inner_texts()

    def described(self, field: Locator) -> str:
        """Return the accessible description of a field."""
        session = self.page.context.new_cdp_session(self.page)
        # Names the element for the protocol, which does not know Playwright's objects.
        field.evaluate("element => { window.described = element }")
        found = session.send("Runtime.evaluate", {"expression": "window.described"})
        wanted = {"objectId": found["result"]["objectId"], "fetchRelatives": False}
        [node] = session.send("Accessibility.getPartialAXTree", wanted)["nodes"]
        session.detach()
        return str(node["description"]["value"])

    # -- noting -----------------------------------------------------------------

    def _note_typed(self, label: str, text: str) -> None:
        SECRETS.add_fields("the field", [(label, text)])

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.complaints.append(f"{response.url} answers {response.status}")

    def _note_message(self, message: ConsoleMessage) -> None:
        # The console also reports failed responses, which _note_response records.
        is_response = message.text.startswith("Failed to load resource")
        if message.type in {"error", "warning"} and not is_response:
            self.complaints.append(message.text)


class KeyboardWindow(Window):
    """A window that is used with a keyboard only."""

    def type(self, label: str, text: str) -> None:
        """Replace the value of the field with this label."""
        self._note_typed(label, text)
        self.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.type(text)

    def tick(self, label: str) -> None:
        """Tick the box with this label."""
        self.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("Space")

    def _use(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def reach(self, target: Locator) -> None:
        """Press Tab until *target* has the focus."""
        for _ in range(TABS):
            if target.evaluate(FOCUSED):
                return
            self.page.keyboard.press("Tab")
        raise OutOfReach(f"{TABS} times Tab do not lead to {target} on {self.path}")


def is_here(url: str) -> bool:
    """Return whether a URL is on this machine or within the browser itself."""
    parts = urlsplit(url)
    return parts.hostname == "127.0.0.1" or parts.scheme in {"about", "blob", "data"}
