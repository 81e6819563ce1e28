"""Fixtures of the integration tests only."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.harness.command import Finished, run
from tests.harness.site import Site
from tests.harness.smtp_server import DeadPort
from tests.harness.stores import Store
from tests.harness.target import Target
from tests.harness.workplace import Workplace

#: What proves something of one database only.
OF_ONE_DATABASE = {"test_sqlite.py": False, "test_postgres.py": True}


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what is of the database that is not in use; the catalogue has both."""
    in_use = config.getoption("postgres")
    other = [
        item
        for item in items
        if OF_ONE_DATABASE.get(item.path.name, in_use) is not in_use
    ]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


@pytest.fixture
def workplace(target: Target, scratch: Path) -> Workplace:
    """A copy of the target in a folder of the test's own, in which nothing runs."""
    return Workplace.prepare(target, scratch / f"workplace-{uuid4().hex}")


@pytest.fixture
def database_url(store: Store, workplace: Workplace) -> Iterator[str]:
    """The address of a migrated, empty database of the test's own."""
    url = store.new(workplace.folder)
    yield url
    store.drop(url)


@pytest.fixture
def flask(workplace: Workplace, database_url: str) -> Callable[..., Finished]:
    """Run `flask ARGUMENTS` in the workplace, on the test's own database."""
    return partial(run, workplace, "flask", env={"DATABASE_URL": database_url})


@pytest.fixture
def lost(site: Site, tmp_path: Path) -> Iterator[str]:
    """The address of a database, of the kind that is in use, which is not there."""
    kind = urlsplit(site.env["DATABASE_URL"]).scheme
    nobody = DeadPort()
    if kind == "sqlite":
        # Of a URI it is not asked before the start whether its file can be.
        yield f"{kind}:///file:{tmp_path}/missing/site.db?uri=true"
    else:
        yield f"{kind}://nobody@127.0.0.1:{nobody.port}/nothing"
    nobody.stop()
