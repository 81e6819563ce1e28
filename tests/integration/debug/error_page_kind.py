"""Who made the page that answers an exception."""

from tests.harness.http.page import Page

OWN = "the site's own"
DEBUGGER = "the debugger"
BARE = "a bare one"


def error_page_kind(page: Page) -> str:
    """Return whether an error page is the site's, the debugger's or the server's."""
    if "EVALEX =" in page.html:
        return DEBUGGER
    return OWN if page.links else BARE
