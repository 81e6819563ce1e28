"""Fixtures of the integration tests only."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from tests.harness.command import Finished, run
from tests.harness.stores import Store
from tests.harness.target import Target
from tests.harness.workplace import Workplace

#: What proves something of one database only.
OF_ONE_DATABASE = {"test_sqlite.py": False, "test_postgres.py": True}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what is of the database that is not in use; None: no opinion."""
    needed = OF_ONE_DATABASE.get(collection_path.name)
    if needed is None or needed == config.getoption("postgres"):
        return None
    return True


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
