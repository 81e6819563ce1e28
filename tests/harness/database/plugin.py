"""The pytest plugin that chooses the database, with one server for a whole run."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.harness.database.stores import SqliteStore, Store
from tests.harness.target.target import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the database."""
    group = parser.getgroup("databases")
    group.addoption(
        "--postgres",
        action="store_true",
        help="serve the sites on PostgreSQL, by default from a wheel",
    )
    group.addoption(
        "--database-url",
        metavar="URL",
        help="the PostgreSQL server to use, which implies --postgres; databases are "
        "created and removed there",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make --database-url imply --postgres, and workers use the server of the run."""
    given = getattr(config, "workerinput", {}).get("database_url")
    config.option.database_url = config.option.database_url or given
    config.option.postgres = config.option.postgres or bool(config.option.database_url)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give all workers of a parallel run the same server."""
    config: pytest.Config = node.config
    if config.option.postgres:
        node.workerinput["database_url"] = shared_url(config)


def shared_url(config: pytest.Config) -> str:
    """Return the URL of the server of this run, which is started if none was given."""
    if not config.option.database_url:
        from tests.harness.database.postgres import server

        stack = ExitStack()
        config.option.database_url = stack.enter_context(server())
        config.add_cleanup(stack.close)
    return str(config.option.database_url)


@pytest.fixture(scope="session")
def store(
    request: pytest.FixtureRequest, target: Target, scratch: Path
) -> Iterator[Store]:
    """The databases of the sites, SQLite or PostgreSQL."""
    if request.config.getoption("postgres"):
        from tests.harness.database.postgres import PostgresStore

        store: Store = PostgresStore(target, scratch, shared_url(request.config))
    else:
        store = SqliteStore(target, scratch)
    yield store
    store.close()
