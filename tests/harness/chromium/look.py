"""Measurements of a page's look, which several tests judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.harness.chromium.axe import violations
from tests.harness.chromium.window import WIDTHS, Window

if TYPE_CHECKING:
    from playwright.sync_api import Page

OVERFLOW = """() => {
    const edge = document.documentElement.clientWidth;
    return [...document.querySelectorAll("body, body *")]
        .filter(element => element.getBoundingClientRect().right > edge + 0.5)
        .filter(element => getComputedStyle(element).clipPath === "none")
        .map(element => element.outerHTML.slice(0, 120));
}"""

SCROLLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

SMALLEST_TEXT = """() => {
    const sizes = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const {data, parentElement} = texts.currentNode;
        if (data.trim() && !parentElement.closest("svg"))
            sizes.push(parseFloat(getComputedStyle(parentElement).fontSize));
    }
    return Math.min(...sizes);
}"""

#: The number of characters in the longest line of posts and paragraphs.
LONGEST_LINE = """() => {
    const lines = [0];
    for (const {firstChild} of document.querySelectorAll(".written, main p")) {
        if (firstChild?.nodeType !== Node.TEXT_NODE) continue;
        const range = document.createRange();
        const counted = new Map();
        for (let at = 0; at < firstChild.length; at++) {
            range.setStart(firstChild, at);
            range.setEnd(firstChild, at + 1);
            const {bottom} = range.getBoundingClientRect();
            counted.set(bottom, (counted.get(bottom) ?? 0) + 1);
        }
        lines.push(...counted.values());
    }
    return Math.max(...lines);
}"""


@dataclass(frozen=True)
class Look:
    """The measured look of one page."""

    #: The violations that axe-core finds, by colour scheme.
    violations: Mapping[str, list[str]]
    #: The elements that overflow the right edge, by width.
    overflow: Mapping[int, list[str]]
    #: The smallest text, in CSS pixels, by width.
    smallest_text: Mapping[int, float]
    #: The longest line, in characters, by width.
    longest_line: Mapping[int, int]
    #: The URLs of other hosts that were requested.
    foreign: list[str]
    #: The errors and warnings in the browser's console.
    complaints: list[str]

    @classmethod
    def at(cls, window: Window) -> Look:
        """Measure the page that a window shows."""
        overflow, smallest, longest = {}, {}, {}
        for width in WIDTHS:
            window.page.set_viewport_size({"width": width, "height": 800})
            overflow[width] = overflowing(window.page)
            smallest[width] = window.page.evaluate(SMALLEST_TEXT)
            longest[width] = window.page.evaluate(LONGEST_LINE)
        return cls(
            violations=violations(window.page),
            overflow=overflow,
            smallest_text=smallest,
            longest_line=longest,
            foreign=window.foreign,
            complaints=window.complaints,
        )


def overflowing(page: Page) -> list[str]:
    """Return the elements that overflow, or a note that the page scrolls sideways."""
    out: list[str] = page.evaluate(OVERFLOW)
    return out or (["the page scrolls"] if page.evaluate(SCROLLS) else [])
