"""Posts and timelines."""

import re

import pytest

from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site

OLDER, NEWER = "Older posts", "Newer posts"


def texts(page: Page) -> list[str]:
    """Return the posts on a page from top to bottom, as shown."""
    return [post.get_text().strip() for post in page.soup.select("article .written")]


def store_posts(site: Site, count: int) -> list[str]:
    """Store posts of susan directly; return them newest first."""
    numbers = range(1, count + 1)
    rows = ", ".join(
        f"('post {number}', '2026-01-01 00:00:00', (SELECT min(id) FROM \"user\"))"
        for number in numbers
    )
    site.probe.sql(f"INSERT INTO post (body, timestamp, user_id) VALUES {rows}")
    return [f"post {number}" for number in reversed(numbers)]


@behaviour("posts.write")
def test_post_appears(susan: Visitor, john: Visitor) -> None:
    """A new post is at the top of every home page and of the author's profile."""
    john.write("an older post")
    susan.write("Good morning!")

    assert texts(john.home())[0] == "Good morning!"
    assert texts(john.profile("susan"))[0] == "Good morning!"


@behaviour("posts.length-140")
@pytest.mark.parametrize(
    ("body", "stored"),
    [("x", 1), ("x" * 140, 1), ("x" * 141, 0), ("é" * 140, 1), ("a\n" * 70, 1)],
    ids=["one", "most", "too-long", "not-ascii", "lines"],
)
def test_post_length(site: Site, susan: Visitor, body: str, stored: int) -> None:
    """A post of 1 to 140 characters is stored; a longer one gets a form error."""
    page = susan.write(body)

    assert site.probe.rows("SELECT count(*) FROM post") == [[stored]]
    assert bool(page.errors("Say something")) is not bool(stored)


@behaviour("posts.length-140")
def test_refused_post_is_not_lost(susan: Visitor) -> None:
    """A refused post is still in the form as typed."""
    assert susan.write("x" * 141).value("Say something") == "x" * 141


@behaviour("posts.empty-refused")
@pytest.mark.parametrize("body", ["", "  \n "], ids=["empty", "blank"])
def test_empty_post(site: Site, susan: Visitor, body: str) -> None:
    """An empty or blank post gets a form error and is not stored."""
    assert susan.write(body).errors("Say something") != []
    assert site.probe.rows("SELECT count(*) FROM post") == [[0]]


@behaviour("posts.write")
def test_anonymous_visitors_do_not_write(site: Site, susan: Visitor) -> None:
    """A user whose session has ended is asked to sign in; nothing is stored."""
    form = susan.form(susan.home(), "text")
    susan.sign_out()  # this keeps the token of the form valid

    page = susan.submit(form, text="too late")

    assert (page.status, page.path) == (200, susan.sitemap.login)
    assert page.heading == "Sign In"
    assert site.probe.rows("SELECT count(*) FROM post") == [[0]]


@behaviour("posts.newest-first")
@pytest.mark.parametrize("path", ["/", "/user/susan"], ids=["home", "profile"])
def test_newest_first(site: Site, susan: Visitor, path: str) -> None:
    """Timelines run from the newest post to the oldest over all pages."""
    written = store_posts(site, 45)
    page = susan.open(path)
    shown = texts(page)
    while page.has_link(OLDER):
        page = susan.follow(page, OLDER)
        shown += texts(page)

    assert shown == written


@behaviour("posts.paged")
def test_there_and_back(site: Site, susan: Visitor) -> None:
    """The newer link undoes the older link, and the first page has none."""
    store_posts(site, 45)
    first = susan.home()
    second = susan.follow(first, OLDER)

    assert texts(susan.follow(second, NEWER)) == texts(first)
    assert not first.has_link(NEWER)


@own_only
@behaviour("posts.paged")
@pytest.mark.parametrize("query", ["?before=1", "?after=999999"], ids=["old", "new"])
@pytest.mark.parametrize("path", ["/", "/user/susan"], ids=["home", "profile"])
def test_beyond_the_end(site: Site, susan: Visitor, path: str, query: str) -> None:
    """A page beyond the last post is marked as empty and links to the newest posts."""
    written = store_posts(site, 2)

    page = susan.open(path + query)

    assert "There are no posts here." in page.text
    assert texts(susan.follow(page, "The newest posts")) == written


@behaviour("posts.paged")
def test_paging_while_others_write(site: Site, susan: Visitor, john: Visitor) -> None:
    """Posts that are written while a reader pages cause no repeated or missing post."""
    written = store_posts(site, 25)
    page = susan.home()
    shown = texts(page)
    for number in range(3):
        john.write(f"new post {number}")

    shown += texts(susan.follow(page, OLDER))

    assert shown == written


@behaviour("posts.page-cost-flat")
@pytest.mark.parametrize(
    "query", ["", "?before={}", "?after={}"], ids=["newest", "older", "newer"]
)
@pytest.mark.parametrize(
    ("path", "statements"), [("/", 2), ("/user/susan", 3)], ids=["home", "profile"]
)
def test_page_costs_few_statements(
    site: Site, susan: Visitor, path: str, query: str, statements: int
) -> None:
    """A page queries the posts once, however many there are."""
    store_posts(site, 500)
    [[newest]] = site.probe.rows("SELECT max(id) FROM post")
    susan.home()

    with site.probe.statements() as seen:
        assert len(texts(susan.open(path + query.format(newest - 100)))) == 20

    assert len([one for one in seen if re.search(r"\bFROM post\b", one.sql)]) == 1
    assert len(seen) == statements  # the viewer, the profile's user and the posts


@behaviour("posts.page-cost-flat")
@pytest.mark.parametrize("path", ["/", "/user/susan"], ids=["home", "profile"])
def test_page_reads_an_index(site: Site, susan: Visitor, path: str) -> None:
    """The database finds a page's posts by an index, without a scan or a sort."""
    store_posts(site, 500)
    with site.probe.statements() as seen:
        susan.open(f"{path}?before=400")
    [query] = [one.sql for one in seen if re.search(r"\bFROM post\b", one.sql)]

    plan = explain(site, query)

    assert "SORT" not in plan
    assert "B-TREE" not in plan
    assert "SCAN POST" not in plan.replace("SEQ SCAN ON", "SCAN")


def explain(site: Site, query: str) -> str:
    """Return the database's plan for posts before the 400th, in capitals."""
    query = re.sub(r"LIMIT \S+", "LIMIT 21", query)
    if site.probe.dialect() == "sqlite":
        filled = re.sub(r"\?", "400", query)
        rows = site.probe.rows(f"EXPLAIN QUERY PLAN {filled}")
        return " ".join(str(row[-1]) for row in rows).upper()
    site.probe.sql("ANALYZE")
    filled = re.sub(r"%\(\w+\)s(::\w+)?", "400", query)
    rows = site.probe.rows(f"EXPLAIN {filled}")
    return " ".join(str(row[0]) for row in rows).upper()
