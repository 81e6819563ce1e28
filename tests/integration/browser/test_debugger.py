"""Werkzeug's debugger, as whoever develops the microblog meets it in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.harness.behaviour import MUST, behaviour
from tests.harness.chromium.window import Window
from tests.harness.launcher import Launcher
from tests.harness.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator

CHAPTER = "Debug Mode"


@pytest.fixture(scope="module")
def debugged(launcher: Launcher) -> Iterator[Site]:
    """A site in debug mode."""
    with launcher.launch(debug=True) as site:
        yield site


@pytest.fixture
def window(chromium: Browser, debugged: Site) -> Iterator[Window]:
    """A window that shows an exception of the site in debug mode."""
    with Window.opened(chromium, debugged.url) as window:
        window.open(debugged.probe.raising("on demand"))
        yield window


@pytest.fixture
def frame(window: Window) -> Locator:
    """The innermost frame of the stack trace."""
    return window.page.locator("div.frame").last


def open_console(window: Window, frame: Locator) -> Locator:
    """Ask for a console in a frame, which asks for the PIN; returns the console."""
    frame.hover()
    line = frame.locator("pre.current")
    line.get_by_title("Open an interactive python shell").click()
    window.page.locator(".pin-prompt").wait_for()
    return window.page.locator("pre.console")


def give_pin(window: Window, pin: str) -> None:
    """Fill in the PIN and wait for what the server says."""
    window.page.locator(".pin-prompt input[name=pin]").fill(pin)
    with window.page.expect_response(lambda answer: "cmd=pinauth" in answer.url):
        window.page.get_by_role("button", name="Confirm Pin").click()


def evaluate(window: Window, console: Locator, expression: str) -> str:
    """Type an expression into the console; returns what the server answers."""
    console.locator("form input").focus()
    with window.page.expect_response(lambda answer: "frm=" in answer.url) as answered:
        window.page.keyboard.type(expression)
        window.page.keyboard.press("Enter")
    return answered.value.text()


@behaviour("debug.debugger", MUST, source=CHAPTER)
def test_stack_trace_opens(window: Window, frame: Locator) -> None:
    """In a browser, each frame of the stack trace opens to the source around it."""
    assert window.page.get_by_text("RuntimeError: on demand").first.is_visible()
    around = frame.locator("pre.line.before, pre.line.after")
    assert not around.first.is_visible()

    frame.locator("pre.line.current").click()

    assert around.first.is_visible()


@behaviour("debug.pin", MUST, source=CHAPTER)
def test_printed_pin_opens_the_console(
    debugged: Site, window: Window, frame: Locator
) -> None:
    """In a browser, the printed PIN opens the console, which then evaluates."""
    printed = debugged.process.wait_for(r"Debugger PIN: ([\d-]+)")[1]
    console = open_console(window, frame)
    give_pin(window, printed)
    window.page.locator(".pin-prompt").wait_for(state="hidden")

    evaluate(window, console, "1 + 1")

    console.get_by_text("1 + 1").wait_for()
    lines = console.locator(".output").inner_text().split("\n")
    assert lines[-2:] == [">>> 1 + 1", "2"]


@behaviour("debug.pin", MUST, source=CHAPTER)
def test_wrong_pin_opens_nothing(window: Window, frame: Locator) -> None:
    """In a browser, the console refuses a wrong PIN, and evaluates nothing."""
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    window.page.on("dialog", hear)
    console = open_console(window, frame)
    give_pin(window, "000-000-000")

    answer = evaluate(window, console, "1 + 1")

    assert said == ["Error: incorrect pin"]
    assert "1 + 1" not in answer
