"""Pages and forms made from HTML, for tests of what reads them."""

from tests.harness.http.form import Form
from tests.harness.http.page import Page


def page(html: str, url: str = "http://127.0.0.1/here", status: int = 200) -> Page:
    """Return a page with this source."""
    return Page(status, url, {}, html.encode())


def form(html: str) -> Form:
    """Return the only form of a page with this source."""
    [found] = page(html).forms
    return found
