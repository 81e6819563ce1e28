"""What the pages of a site have in common."""

from urllib.parse import urldefrag, urlsplit

from tests.harness.capabilities import NotOffered
from tests.harness.http.page import Page

#: The headings of Werkzeug's own error pages, which have neither links nor styles.
BARE = ("Not Found", "Internal Server Error")


def layout_links(page: Page) -> set[str]:
    """Return the paths of a page's stylesheets and links, without queries."""
    addresses = [*_stylesheets(page), *page.links.values()]
    return {urlsplit(urldefrag(address).url).path for address in addresses}


def frame(page: Page) -> list[str]:
    """Return a page's stylesheets and the texts of its navigation links."""
    links = page.soup.select("nav a")
    return _stylesheets(page) + sorted(link.get_text() for link in links)


def _stylesheets(page: Page) -> list[str]:
    return [str(tag["href"]) for tag in page.soup.select("link[rel=stylesheet][href]")]


def layout(*pages: Page) -> set[str]:
    """Return the links and stylesheets that ordinary *pages* have in common.

    Raises:
        NotOffered: They have nothing in common.
    """
    common = set.intersection(*map(layout_links, pages))
    if not common:
        raise NotOffered("the pages have no link and no stylesheet in common")
    return common


def is_bare(page: Page) -> bool:
    """Return whether a page is Werkzeug's own error page or its debugger."""
    return "EVALEX =" in page.html or (page.heading in BARE and not layout_links(page))
