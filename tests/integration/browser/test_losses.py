"""Pages in Chromium while the database or a template is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.chromium.look import Look
from tests.harness.chromium.scenes import database_away
from tests.harness.chromium.window import WIDTHS, Window
from tests.harness.database.postgres import PostgresStore, own_server
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site
from tests.harness.target.target import Target

if TYPE_CHECKING:
    from playwright.sync_api import Browser

UNEXPECTED = "An unexpected error has occurred"


def assert_whole(window: Window) -> None:
    """Assert that the window shows the whole 500 page of a signed-in user."""
    assert window.heading == UNEXPECTED
    text = window.page.get_by_role("main").inner_text()
    assert "The administrator has been notified." in text
    # It shows no user name, and no links for anonymous visitors.
    assert window.navigation == ["Home"]
    assert window.complaints == []


@behaviour("errors.page-without-database")
def test_database_gone_for_a_while(site: Site, member: Window) -> None:
    """In a browser, the 500 page works without a database and recovers with it."""
    member.open("/")
    with database_away(site):
        assert member.open("/nope") == 404
        assert member.open("/") == 500
        assert_whole(member)

    member.follow("Back")

    assert (member.path, member.viewer) == ("/", "susan")


@behaviour("errors.page-without-database")
def test_database_server_stopped(
    chromium: Browser, target: Target, launch: Callable[..., Site], tmp_path: Path
) -> None:
    """In a browser, the 500 page works while PostgreSQL is stopped."""
    with own_server() as server:
        store = PostgresStore(target, tmp_path, server.url)
        site = launch(env={"DATABASE_URL": store.new(tmp_path)})
        cookies = site.member("susan").cookies
        with Window.opened(chromium, site.url, cookies=cookies) as window:
            assert window.open("/") == 200
            server.stop()
            assert window.open("/nope") == 404
            assert window.open("/") == 500
            assert_whole(window)
            server.start()

            window.follow("Back")

            assert (window.path, window.viewer) == ("/", "susan")


@behaviour("errors.page-without-database")
def test_database_cannot_be_opened(
    chromium: Browser, launch: Callable[..., Site], susan: Visitor, tmp_path: Path
) -> None:
    """In a browser, a user gets the whole page if no database can be opened."""
    lost = tmp_path / "site.db"
    lost.symlink_to(tmp_path / "missing" / "site.db")
    site = launch(env={"DATABASE_URL": f"sqlite:///{lost}"})
    with Window.opened(chromium, site.url, cookies=susan.cookies) as window:
        assert window.open("/") == 500
        assert_whole(window)


@behaviour("errors.page-without-template")
@behaviour("pages.accessible")
@behaviour("pages.readable")
def test_page_without_template(chromium: Browser, launch: Callable[..., Site]) -> None:
    """In a browser, the fixed page has all links and is accessible."""
    site = launch()
    (site.code / "app" / "templates" / "errors" / "error.html").unlink()
    with Window.opened(chromium, site.url) as window:
        assert window.open(site.probe.raising("on demand")) == 500
        assert window.heading == UNEXPECTED
        assert window.page.locator("code").inner_text() in site.records()[-1].message
        look = Look.at(window)

        window.follow("Back")

        assert window.heading == "Sign In"
    assert look.violations == {"light": [], "dark": []}
    assert look.overflow == {width: [] for width in WIDTHS}
    assert min(look.smallest_text.values()) >= 13
    assert look.complaints == []
