"""Fixtures of the integration tests: sites, visitors, commands and databases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.harness.database.stores import Store
from tests.harness.http.visitor import Visitor
from tests.harness.mail.smtp_server import ClosedPort
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand, run
from tests.harness.target.target import TARGET, Target
from tests.harness.target.workplace import Workplace

#: The modules about one database only, and whether that is PostgreSQL.
OF_ONE_DATABASE = {
    "test_sqlite.py": False,
    "test_sqlite_file.py": False,
    "test_sqlite_load.py": False,
    "test_postgres.py": True,
    "test_postgres_load.py": True,
    "test_postgres_locks.py": True,
}


def is_deselected(item: pytest.Item, postgres: bool) -> bool:
    """Return whether a test need not run on the database in use."""
    if OF_ONE_DATABASE.get(item.path.name, postgres) is not postgres:
        return True
    return postgres and "store" not in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Deselect the tests that the database in use need not run."""
    in_use = config.getoption("postgres")
    other = [
        item
        for item in items
        if Path(__file__).parent in item.path.parents and is_deselected(item, in_use)
    ]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """The target: the microblog, or another one in a contract run."""
    given = request.config.stash.get(TARGET, None)
    return given or Target.own(request.config.getoption("microblog"))


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all sites; the configuration of coverage contains its name."""
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="session")
def launcher(target: Target, store: Store, scratch: Path) -> Iterator[Launcher]:
    """A launcher of sites; shared ones run until the end of the session."""
    launcher = Launcher(target, store, scratch)
    yield launcher
    launcher.close()


@pytest.fixture
def launch(launcher: Launcher) -> Iterator[Callable[..., Site]]:
    """Start sites with any configuration; they end with the test."""
    with ExitStack() as stack:

        def start(**options: Any) -> Site:
            return stack.enter_context(launcher.launch(**options))

        yield start


@pytest.fixture
def site(launcher: Launcher) -> Site:
    """A running site where susan and john are registered and errors are mailed."""
    return launcher.default()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """An anonymous visitor."""
    return site.visitor()


@pytest.fixture
def susan(site: Site) -> Visitor:
    """A member who is signed in."""
    return site.member("susan")


@pytest.fixture
def john(site: Site) -> Visitor:
    """Another member who is signed in."""
    return site.member("john")


@pytest.fixture
def workplace(target: Target, scratch: Path) -> Workplace:
    """A workplace of the test's own in which nothing runs."""
    return Workplace.prepare(target, scratch / f"workplace-{uuid4().hex}")


@pytest.fixture
def database_url(store: Store, workplace: Workplace) -> Iterator[str]:
    """The URL of an empty, migrated database of the test's own."""
    url = store.new(workplace.folder)
    yield url
    store.drop(url)


@pytest.fixture
def flask(workplace: Workplace, database_url: str) -> Callable[..., CompletedCommand]:
    """Run `flask ARGUMENTS` in the workplace on the test's own database."""
    return partial(run, workplace, "flask", env={"DATABASE_URL": database_url})


@pytest.fixture
def missing_database_url(site: Site, tmp_path: Path) -> Iterator[str]:
    """The URL of a missing database of the kind in use."""
    kind = urlsplit(site.env["DATABASE_URL"]).scheme
    port = ClosedPort()
    if kind == "sqlite":
        # The application checks the folder of a path at its start, but not of a URI.
        yield f"{kind}:///file:{tmp_path}/missing/site.db?uri=true"
    else:
        yield f"{kind}://nobody@127.0.0.1:{port.port}/nothing"
    port.stop()
