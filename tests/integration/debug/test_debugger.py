"""The debugger's protocol: PIN, console, lock."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.harness.http.debugger import PIN, Debugger
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("debugger")]
#: An expression whose value is neither in a page nor in the address.
EXPRESSION, VALUE = "'wide' + 'open'", "wideopen"
ELSEWHERE = {"Host": "evil.example"}


def caught(site: Site, **options: Any) -> Debugger:
    """Open a failing page in a new browser and return its debugger."""
    visitor = site.visitor()
    return Debugger(visitor, visitor.open(site.probe.raising("caught"), **options))


def wrong(pin: str) -> str:
    """Return a different PIN of the same form."""
    return pin.translate(str.maketrans("0123456789", "1234567890"))


@pytest.fixture(scope="module")
def pin(debugged: Site) -> str:
    """The PIN that the server printed."""
    return debugged.process.wait_for(PIN)[1]


@behaviour("debug.pin")
def test_evaluates_after_the_pin(debugged: Site, pin: str):
    """After the printed PIN is entered the debugger evaluates in a frame."""
    debugger = caught(debugged)

    assert debugger.enter(pin).accepted, "The PIN is refused."
    assert debugger.evaluate("1 + 1").text.split() == [">>>", "1", "+", "1", "2"], (
        "With the PIN the debugger does not evaluate 1 + 1."
    )


@own_only  # Flask does this; before 2.2 it depends on which thread answers
@behaviour("debug.pin")
def test_evaluates_within_the_request(debugged: Site, pin: str):
    """An expression in a frame sees the request that failed."""
    debugger = caught(debugged)
    debugger.enter(pin)

    assert "'caught'" in debugger.evaluate("request.args['message']").text


@behaviour("debug.pin")
def test_locked_without_the_pin(debugged: Site):
    """Without the PIN the debugger evaluates nothing."""
    assert VALUE not in caught(debugged).evaluate(EXPRESSION).html, (
        "Without the PIN the debugger evaluates an expression."
    )


@behaviour("debug.pin")
def test_wrong_pin(debugged: Site, pin: str):
    """A wrong PIN is refused, and the debugger stays locked."""
    debugger = caught(debugged)

    assert not debugger.enter(wrong(pin)).accepted, "A wrong PIN is accepted."
    assert VALUE not in debugger.evaluate(EXPRESSION).html, (
        "The locked debugger evaluates an expression."
    )


@behaviour("debug.pin")
def test_console_asks_for_the_pin_too(debugged: Site, pin: str):
    """The console at /console requires the same PIN."""
    visitor = debugged.visitor()
    console = Debugger(visitor, visitor.open("/console"))
    assert VALUE not in console.evaluate(EXPRESSION).html, (
        "Without the PIN the console evaluates an expression."
    )

    console.enter(pin)

    assert VALUE in console.evaluate(EXPRESSION).html, (
        "With the PIN the console does not evaluate an expression."
    )


@behaviour("debug.local-only")
def test_repeated_wrong_pins_lock(launch: Callable[..., Site]):
    """After repeated wrong PINs the right one is refused as well."""
    site = launch(debug=True, arguments=("--no-reload",))
    debugger = caught(site)
    debugger.ask_for_pin()
    pin = site.process.wait_for(PIN)[1]

    def locked() -> bool:
        try:
            return debugger.enter(wrong(pin), timeout=0.1).locked
        # Each wrong PIN is delayed, some by 5 s.
        except (requests.Timeout, requests.ConnectionError):
            return False

    eventually(locked, within=20)

    assert not debugger.enter(pin).accepted, (
        "After many wrong PINs the right one is accepted."
    )
    assert VALUE not in debugger.evaluate(EXPRESSION).html, (
        "The locked debugger evaluates an expression."
    )


@behaviour("debug.local-only")
def test_other_host_gets_no_console(debugged: Site):
    """Under an untrusted host name there is no console."""
    page = debugged.visitor().open("/console", headers=ELSEWHERE)

    assert page.status == 400, f"{page.answer}."


@behaviour("debug.local-only")
def test_other_host_takes_no_pin(debugged: Site, pin: str):
    """Under an untrusted host name the debugger accepts no PIN."""
    debugger = caught(debugged, headers=ELSEWHERE)

    assert not debugger.offers_console, "The debugger offers a console."
    page = debugger.send("pinauth", {"pin": pin}, headers=ELSEWHERE)
    assert page.status == 400, f"{page.answer}."


@behaviour("debug.local-only")
def test_other_host_cannot_evaluate(debugged: Site, pin: str):
    """Under an untrusted host name nothing is evaluated, even after the PIN."""
    visitor = debugged.visitor()
    debugger = Debugger(visitor, visitor.open(debugged.probe.raising("caught")))
    debugger.enter(pin)
    [(name, value)] = visitor.cookies.items()
    forged = {**ELSEWHERE, "Cookie": f"{name}={value}"}

    page = debugger.evaluate(EXPRESSION, headers=forged)

    assert page.status == 400, f"{page.answer}."
    assert VALUE not in page.html, "The debugger evaluates an expression."
