"""Timelines: pages that start at a post."""

from collections.abc import Callable
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extensions import db
from app.models import Post, User
from app.posts import PAGE_LENGTH, timeline
from tests.harness.plugin.behaviour import behaviour


def write(user: User, count: int) -> list[str]:
    """Store posts and return their texts, newest first."""
    bodies = [f"post {number}" for number in range(count)]
    for body in bodies:
        db.session.add(Post(body=body, user_id=user.id))
        db.session.flush()
    db.session.commit()
    return bodies[::-1]


def bodies(
    app: Flask, address: str | None, **kwargs: User
) -> tuple[list[str], dict[str, Any]]:
    """Return the texts on the page at an address, and the page."""
    with app.test_request_context(address or "/"):
        page = timeline(**kwargs)
        return [post.body for post in page["posts"]], page


def walk(app: Flask, address: str | None, link: str) -> list[list[str]]:
    """Return the texts of each page from an address on, along a link."""
    pages = []
    while address:
        texts, page = bodies(app, address)
        pages.append(texts)
        address = page[link]
    return pages


@behaviour("posts.newest-first")
@behaviour("posts.paged")
@pytest.mark.parametrize(
    "count", [0, 1, PAGE_LENGTH, PAGE_LENGTH + 1, 2 * PAGE_LENGTH, 3 * PAGE_LENGTH - 1]
)
def test_older_pages(app: Flask, susan: User, count: int) -> None:
    """The pages from the newest on have each post once, newest first."""
    written = write(susan, count)

    pages = walk(app, "/", "older")

    assert list(chain(*pages)) == written
    assert all(len(page) == PAGE_LENGTH for page in pages[:-1])


@behaviour("posts.paged")
def test_newer_pages(app: Flask, susan: User) -> None:
    """The pages back from the oldest have each newer post once."""
    written = write(susan, 2 * PAGE_LENGTH + 3)
    address = "/"
    while older := bodies(app, address)[1]["older"]:
        address = older

    pages = walk(app, address, "newer")

    assert list(chain(*pages[::-1])) == written


@behaviour("posts.paged")
def test_posts_written_between_pages(app: Flask, susan: User) -> None:
    """Posts written between two page views shift nothing."""
    written = write(susan, PAGE_LENGTH + 5)
    first, page = bodies(app, "/")
    write(susan, 3)

    assert first + bodies(app, page["older"])[0] == written


@behaviour("posts.paged")
def test_profile_pages(
    app: Flask, susan: User, make_user: Callable[[str], User]
) -> None:
    """The pages of a profile have only its user's posts."""
    write(make_user("john"), 3)
    written = write(susan, PAGE_LENGTH + 1)
    first, page = bodies(app, None, author=susan)

    assert urlsplit(page["older"]).path == "/user/susan"
    assert first + bodies(app, page["older"], author=susan)[0] == written


@behaviour("security.anonymous-never-5xx")
@given(
    name=st.sampled_from(["before", "after"]),
    key=st.one_of(st.text(), st.integers().map(str), st.just("9" * 5000)),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_key(app: Flask, susan: User, name: str, key: str) -> None:
    """Any key in the address gives a page, not an error."""
    with app.test_request_context(query_string={name: key}):
        assert timeline()["posts"] == []


@behaviour("posts.paged")
@pytest.mark.parametrize("key", ["²", "٣", "-1", "1" * 11])
def test_keys_that_are_no_ids(app: Flask, susan: User, key: str) -> None:
    """A key that is not an id in ASCII digits gives the newest posts."""
    written = write(susan, 2)

    texts, page = bodies(app, f"/?before={key}")

    assert texts == written
    assert page["newer"] is None


@behaviour("posts.paged")
def test_links_of_pages(app: Flask, susan: User) -> None:
    """Each page links to the posts before and after its own, whichever way it came."""
    written = write(susan, 3 * PAGE_LENGTH)
    _, newest = bodies(app, "/")
    _, middle = bodies(app, newest["older"])
    _, oldest = bodies(app, middle["older"])

    assert (newest["newer"], oldest["older"]) == (None, None)
    assert (middle["newest"], middle["posts"][0].username) == (None, "susan")
    again, middle_again = bodies(app, oldest["newer"])
    assert again == written[PAGE_LENGTH : 2 * PAGE_LENGTH]
    assert middle_again["older"] == middle["older"]
    assert middle_again["newer"] == middle["newer"]
    newest_again, last = bodies(app, middle_again["newer"])
    assert newest_again == written[:PAGE_LENGTH]
    assert (last["newer"], last["older"]) == (None, newest["older"])


@behaviour("posts.paged")
@pytest.mark.parametrize("query", ["before=1", "after=2147483647"])
def test_beyond_the_last_post(app: Flask, susan: User, query: str) -> None:
    """A page beyond the last post links to the newest posts only."""
    write(susan, 1)
    page = bodies(app, f"/?{query}")[1]

    assert page == {"posts": [], "newer": None, "older": None, "newest": "/"}


@behaviour("posts.paged")
def test_site_without_posts(app: Flask, susan: User) -> None:
    """A site without posts has no page to link to."""
    nothing = {"newer": None, "older": None, "newest": None}

    assert bodies(app, "/")[1] == {"posts": [], **nothing}


def test_page_addresses_keep_one_key(app: Flask, susan: User) -> None:
    """The address of a page has one key and no earlier query."""
    write(susan, PAGE_LENGTH + 1)

    older = bodies(app, "/?after=0&x=1")[1]["older"]

    assert older is not None
    assert parse_qs(urlsplit(older).query).keys() == {"before"}
