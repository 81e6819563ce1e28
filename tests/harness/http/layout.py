"""What makes a page look like the others of its site."""

from urllib.parse import urldefrag, urlsplit

from tests.harness.capabilities import NotOffered
from tests.harness.http.page import Page

#: The body of Werkzeug's own error pages: neither links nor a stylesheet.
BARE = ("Not Found", "Internal Server Error")


def layout_links(page: Page) -> set[str]:
    """Return the page's stylesheets and the links, by address without the query."""
    sheets = [
        str(tag["href"]) for tag in page.soup.select("link[rel=stylesheet][href]")
    ]
    addresses = [*sheets, *page.links.values()]
    return {urlsplit(urldefrag(address).url).path for address in addresses}


def frame(page: Page) -> list[str]:
    """Return what is around the page's own words: stylesheets, and what is in nav."""
    sheets = [str(tag["href"]) for tag in page.soup.select("link[rel=stylesheet]")]
    return sheets + sorted(tag.get_text() for tag in page.soup.select("nav a"))


def layout(*pages: Page) -> set[str]:
    """Return what is common to ordinary *pages*: the site's layout."""
    common = set.intersection(*map(layout_links, pages))
    if not common:
        raise NotOffered("the pages have no link and no stylesheet in common")
    return common


def is_bare(page: Page) -> bool:
    """Tell Werkzeug's own error pages, and its debugger, from what somebody wrote."""
    return "EVALEX =" in page.html or (page.heading in BARE and not layout_links(page))
