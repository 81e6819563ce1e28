"""Pages that tell more than they should, for those who look for that."""

from dataclasses import replace

from tests.harness.page import Page


def saying(page: Page, words: bytes) -> Page:
    """Return *page* with *words* at the end of what it says."""
    return replace(page, body=page.body.replace(b"</main>", words + b"</main>"))
