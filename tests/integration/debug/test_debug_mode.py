"""Debug mode as Flask and the chapter provide it, in any implementation."""

from collections.abc import Iterator

import pytest

from tests.harness.http.layout import is_bare
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

pytestmark = pytest.mark.xdist_group("debugger")


@pytest.fixture
def unpropagated(debugged: Site) -> Iterator[Site]:
    """The site in debug mode with PROPAGATE_EXCEPTIONS off."""
    debugged.probe.configure(PROPAGATE_EXCEPTIONS=False)
    yield debugged
    debugged.probe.configure(PROPAGATE_EXCEPTIONS=None)


@behaviour("debug.debugger")
def test_exception_answers_the_debugger(debugged: Site) -> None:
    """In debug mode an exception answers Werkzeug's debugger with the stack trace."""
    page = debugged.fail("the pipe burst")

    assert page.status == 500, f"{page.answer}."
    assert "EVALEX =" in page.html, "The page is not the debugger."
    assert "RuntimeError: the pipe burst" in page.text, (
        "The page does not name the exception."
    )


@behaviour("debug.debugger")
def test_no_debugger_without_debug(site: Site) -> None:
    """Without debug mode an exception does not answer the debugger."""
    assert "EVALEX" not in site.fail().html, "The page is the debugger."


@behaviour("debug.propagate-off")
def test_own_page_answers_in_debug_mode(unpropagated: Site) -> None:
    """In debug mode with PROPAGATE_EXCEPTIONS off the site's 500 page answers."""
    page = unpropagated.fail("the pipe burst")

    assert page.status == 500, f"{page.answer}."
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."
    assert "EVALEX" not in page.html, "The page is the debugger."
    assert "the pipe burst" in unpropagated.output, (
        "The server does not print the exception."
    )
