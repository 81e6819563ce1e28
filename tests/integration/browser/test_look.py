"""Every page in every state: accessible, readable, and from this host only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.harness.chromium.look import Look
from tests.harness.chromium.scenes import SCENES, shown
from tests.harness.chromium.window import WIDTHS
from tests.harness.plugin.behaviour import behaviour

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def looks() -> dict[str, Look]:
    """The measurements of the pages, by scene."""
    return {}


# With pytest-xdist and --dist loadgroup, the tests of a scene go to one worker.
@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.xdist_group(f"scene-{name}"))
        for name in SCENES
    ]
)
def look(
    request: pytest.FixtureRequest, chromium: Browser, looks: dict[str, Look]
) -> Look:
    """The measurements of each scene; Chromium shows it once for all tests."""
    name = request.param
    if name not in looks:
        with shown(name, request.getfixturevalue("site"), chromium) as window:
            looks[name] = Look.at(window)
    return looks[name]


@behaviour("pages.accessible")
def test_accessible(look: Look) -> None:
    """No page has a fault that axe-core finds, light or dark, wide or narrow."""
    assert look.violations == {"light": [], "dark": []}


@behaviour("pages.readable")
def test_fits(look: Look) -> None:
    """No page scrolls sideways at 320, 768 or 1280 pixels."""
    assert look.overflow == {width: [] for width in WIDTHS}


@behaviour("pages.readable")
def test_text_is_large_enough(look: Look) -> None:
    """No text is smaller than 13 pixels at any width."""
    assert min(look.smallest_text.values()) >= 13


@behaviour("pages.readable")
def test_lines_are_short_enough(look: Look) -> None:
    """No line of text is longer than 80 characters at any width."""
    assert max(look.longest_line.values()) <= 80


@behaviour("pages.loopback-only")
def test_loopback_only(look: Look) -> None:
    """No page requests anything from another host."""
    assert look.foreign == []


@behaviour("pages.no-complaints")
def test_no_complaints(look: Look) -> None:
    """No page violates its own policy or lacks a file: the console is empty."""
    assert look.complaints == []
