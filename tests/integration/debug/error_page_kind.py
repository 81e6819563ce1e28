"""Which page answered an exception."""

from tests.harness.http.page import Page

OWN = "the site's own"
DEBUGGER = "the debugger"
BARE = "a bare one"


def error_page_kind(page: Page) -> str:
    """Tell the site's own error page from the debugger's and from the server's."""
    if "EVALEX =" in page.html:
        return DEBUGGER
    return OWN if page.links else BARE
