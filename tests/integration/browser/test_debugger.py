"""Werkzeug's debugger, as developers of the microblog see it in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.harness.chromium.starting import REBOUND
from tests.harness.chromium.window import Window
from tests.harness.http.debugger import PIN
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator
CONSOLE = "Open an interactive python shell"
WRONG = "000-000-000"

#: Submits a PIN repeatedly, without the delay that the server imposes.
TRY_UNTIL_LOCKED = """async pin => {
    const attempt = () => fetch(
        makeDebugURL({cmd: "pinauth", pin}), {signal: AbortSignal.timeout(300)}
    ).then(answer => answer.json(), () => ({exhausted: false}));
    for (let round = 0; round < 20; round++) {
        const answers = await Promise.all([attempt(), attempt(), attempt(), attempt()]);
        if (answers.some(({exhausted}) => exhausted)) return true;
    }
    return false;
}"""
#: Whether the prompt is visible and has stopped fading in.
FADED_IN = """() => {
    const {display, opacity} = document.querySelector(".pin-prompt").style;
    return display === "block" && opacity > 0.99 && new Promise(
        done => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))
    );
}"""


@pytest.fixture(scope="module")
def debugged(launcher: Launcher) -> Iterator[Site]:
    """A site in debug mode."""
    with launcher.launch(debug=True) as site:
        yield site


@pytest.fixture
def window(chromium: Browser, debugged: Site) -> Iterator[Window]:
    """A window that shows an exception in debug mode."""
    with Window.opened(chromium, debugged.url) as window:
        window.open(debugged.probe.raising("on demand"))
        yield window


@pytest.fixture
def frame(window: Window) -> Locator:
    """The innermost frame of the stack trace."""
    return window.page.locator("div.frame").last


def open_console(window: Window, frame: Locator) -> Locator:
    """Open the console of a frame, which asks for the PIN, and return it."""
    frame.hover()
    line = frame.locator("pre.current")
    line.get_by_title(CONSOLE).click()
    # Werkzeug's script fades the prompt in and out step by step. A PIN that is
    # accepted while the prompt fades in starts both animations at once; each
    # undoes the other, and the prompt stays indefinitely.
    window.page.wait_for_function(FADED_IN)
    return window.page.locator("pre.console")


def give_pin(window: Window, pin: str) -> None:
    """Enter the PIN and wait for the server's reply."""
    window.page.locator(".pin-prompt input[name=pin]").fill(pin)
    with window.page.expect_response(lambda answer: "cmd=pinauth" in answer.url):
        window.page.get_by_role("button", name="Confirm Pin").click()


def evaluate(window: Window, console: Locator, expression: str) -> str:
    """Type an expression into the console and return the server's answer."""
    console.locator("form input").focus()
    with window.page.expect_response(lambda answer: "frm=" in answer.url) as answered:
        window.page.keyboard.type(expression)
        window.page.keyboard.press("Enter")
    return answered.value.text()


def heard(window: Window) -> list[str]:
    """Collect the messages of the page's dialogs from now on, closing each one."""
    said: list[str] = []

    def hear(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    window.page.on("dialog", hear)
    return said


@behaviour("debug.debugger")
def test_stack_trace_opens(window: Window, frame: Locator) -> None:
    """In a browser, each frame of the stack trace opens to its source code."""
    assert window.page.get_by_text("RuntimeError: on demand").first.is_visible()
    around = frame.locator("pre.line.before, pre.line.after")
    assert not around.first.is_visible()

    frame.locator("pre.line.current").click()

    assert around.first.is_visible()


@behaviour("debug.pin")
def test_printed_pin_opens_the_console(
    debugged: Site, window: Window, frame: Locator
) -> None:
    """In a browser, the printed PIN opens the console, which evaluates."""
    printed = debugged.process.wait_for(PIN)[1]
    console = open_console(window, frame)
    give_pin(window, printed)
    window.page.locator(".pin-prompt").wait_for(state="hidden")

    evaluate(window, console, "1 + 1")

    console.get_by_text("1 + 1").wait_for()
    lines = console.locator(".output").inner_text().split("\n")
    assert lines[-2:] == [">>> 1 + 1", "2"]


@behaviour("debug.pin")
def test_wrong_pin_opens_nothing(window: Window, frame: Locator) -> None:
    """In a browser, the console refuses a wrong PIN and evaluates nothing."""
    said = heard(window)
    console = open_console(window, frame)
    give_pin(window, WRONG)

    answer = evaluate(window, console, "1 + 1")

    assert said == ["Error: incorrect pin"]
    assert "1 + 1" not in answer


@behaviour("debug.local-only")
def test_repeated_wrong_pins_lock(
    chromium: Browser, launch: Callable[..., Site]
) -> None:
    """In a browser, the console refuses every PIN after repeated wrong ones."""
    site = launch(debug=True)
    printed = site.process.wait_for(PIN)[1]
    with Window.opened(chromium, site.url) as window:
        window.open(site.probe.raising("on demand"))
        said = heard(window)
        console = open_console(window, window.page.locator("div.frame").last)
        assert window.page.evaluate(TRY_UNTIL_LOCKED, WRONG)

        give_pin(window, printed)
        answer = evaluate(window, console, "1 + 1")

        assert said == ["Error: too many attempts.  Restart server to retry."]
        assert "1 + 1" not in answer


@behaviour("debug.local-only")
def test_other_host_gets_no_console(chromium: Browser, debugged: Site) -> None:
    """In a browser, there is no console under an untrusted host name."""
    address = debugged.url.replace("127.0.0.1", REBOUND)
    with Window.opened(chromium, address) as window:
        assert window.open("/console") == 400

        assert window.open(debugged.probe.raising("on demand")) == 500
        assert window.page.get_by_text("RuntimeError: on demand").first.is_visible()
        assert window.page.get_by_title(CONSOLE).count() == 0
