"""A database that does not exist."""

from collections.abc import Callable

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site
from tests.integration.database_loss import LOST, answers


@behaviour("errors.page-without-database")
def test_no_database(
    launch: Callable[..., Site], missing_database_url: str, susan: Visitor
) -> None:
    """Without a database a user gets the error page, the 404 page and static files."""
    cookies = "; ".join(f"{name}={value}" for name, value in susan.cookies.items())
    site = launch(env={"DATABASE_URL": missing_database_url})

    assert answers(site, site.visitor(), headers={"Cookie": cookies}) == LOST
