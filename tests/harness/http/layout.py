"""The layout of a site: the links and stylesheets that its pages share."""

from dataclasses import replace
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup

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
    common = set.intersection(*(layout_links(_without_content(one)) for one in pages))
    if not common:
        raise NotOffered("the pages have no link and no stylesheet in common")
    return common


def _without_content(page: Page) -> Page:
    """Return a page without the form that asks for a password and its siblings.

    The pages for signing in and registering may share more than the layout, and
    anonymous visitors may see no others.
    """
    soup = BeautifulSoup(page.html, "html.parser")
    if field := soup.select_one("form input[type=password]"):
        form = field.find_parent("form")
        assert form is not None
        first = form.find_previous_sibling("h1") or form
        for tag in [*first.find_next_siblings(), first]:
            tag.decompose()
    return replace(page, body=str(soup).encode())


def is_bare(page: Page) -> bool:
    """Return whether a page is Werkzeug's own error page or its debugger."""
    return "EVALEX =" in page.html or (page.heading in BARE and not layout_links(page))
