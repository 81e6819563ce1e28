"""Without debug mode there is no debugger."""

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour


@behaviour("debug.off-by-default")
def test_no_console(visitor: Visitor):
    """Without debug mode /console is an unknown address."""
    console, unknown = visitor.open("/console"), visitor.open("/nope")

    assert (console.status, console.text) == (unknown.status, unknown.text), (
        f"{console.answer}, and {unknown.answer}."
    )


@behaviour("debug.off-by-default")
@pytest.mark.parametrize("command", ["resource&f=debugger.js", "pinauth", "printpin"])
def test_no_debugger_commands(visitor: Visitor, command):
    """Without debug mode the debugger's commands have no effect."""
    plain = visitor.open(visitor.sitemap.login)

    page = visitor.open(f"{plain.path}?__debugger__=yes&cmd={command}")

    assert (page.status, page.text) == (200, plain.text), (
        f"{page.answer}, in other words than without."
    )
