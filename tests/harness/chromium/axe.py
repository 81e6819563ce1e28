"""Accessibility checks by Deque's axe-core."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from tests.harness.chromium.window import SCHEMES, WIDTHS, Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: WCAG 2.2 AA, and the best practices that axe-core recommends in addition.
#: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md
TAGS = (
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
    "best-practice",
)

RUN = """async tags => {
    const found = await axe.run({runOnly: tags, resultTypes: ["violations"]});
    return found.violations.flatMap(
        ({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html}`)
    );
}"""


def violations(page: Page) -> dict[str, list[str]]:
    """Return the violations on a page by colour scheme.

    The page is checked at the smallest and the largest width. A violation reads "rule:
    requirement: element", and is listed once for both widths.
    """
    script = files("axe_playwright_python") / "axe.min.js"
    page.evaluate(script.read_text(encoding="utf-8"))
    found: dict[Scheme, dict[str, None]] = {scheme: {} for scheme in SCHEMES}
    for width in (WIDTHS[0], WIDTHS[-1]):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme, faults in found.items():
            page.emulate_media(color_scheme=scheme)
            faults.update(dict.fromkeys(page.evaluate(RUN, list(TAGS))))
    return {scheme: list(faults) for scheme, faults in found.items()}
