"""The pages that a member gets with and without a database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.harness.http.visitor import Visitor
from tests.harness.server.site import Site

UNEXPECTED = "An unexpected error has occurred"
#: Of each page: its status, its heading, and whether it has the site's layout.
Answers = dict[str, tuple[int, str, bool]]
USUAL: Answers = {
    "page": (200, "Home", True),
    "failing view": (500, UNEXPECTED, True),
    "unknown address": (404, "File Not Found", True),
    "static file": (200, "", False),
}
LOST = USUAL | {"page": (500, UNEXPECTED, True)}


def answers(site: Site, visitor: Visitor, **options: Any) -> Answers:
    """Open a page of each kind."""
    paths = {
        "page": "/",
        "failing view": site.probe.raising("on demand"),
        "unknown address": "/nope",
        "static file": "/static/style.css",
    }
    found = {}
    for name, path in paths.items():
        page = visitor.open(path, **options)
        in_layout = page.soup.select("nav a") != []
        found[name] = (page.status, page.heading, in_layout)
    return found


def concurrent_statuses(visitor: Visitor, count: int = 8) -> set[int]:
    """Return the statuses of concurrent requests, each on a connection of its own."""
    with ThreadPoolExecutor(count) as pool:
        pages = pool.map(lambda _: visitor.copy().home(), range(count))
        return {page.status for page in pages}
