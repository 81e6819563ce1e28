"""Fixtures of the integration tests: sites, their visitors, and what they run on."""

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

#: What proves something of one database only.
OF_ONE_DATABASE = {
    "test_sqlite.py": False,
    "test_sqlite_file.py": False,
    "test_postgres.py": True,
    "test_postgres_locks.py": True,
}


def is_left_out(item: pytest.Item, postgres: bool) -> bool:
    """Whether a test is of the other database; or of both, as it stores nothing."""
    if OF_ONE_DATABASE.get(item.path.name, postgres) is not postgres:
        return True
    return postgres and "store" not in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what the database in use need not run; the catalogue has all."""
    in_use = config.getoption("postgres")
    other = [
        item
        for item in items
        if Path(__file__).parent in item.path.parents and is_left_out(item, in_use)
    ]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Target:
    """What is tested: the microblog, or the target of a contract run."""
    given = request.config.stash.get(TARGET, None)
    return given or Target.own(request.config.getoption("microblog"))


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which all sites run; coverage knows it by its name."""
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="session")
def launcher(target: Target, store: Store, scratch: Path) -> Iterator[Launcher]:
    """Start sites of the target; shared ones live as long as the session."""
    launcher = Launcher(target, store, scratch)
    yield launcher
    launcher.close()


@pytest.fixture
def launch(launcher: Launcher) -> Iterator[Callable[..., Site]]:
    """Start sites of one's own, with any configuration; they end with the test."""
    with ExitStack() as stack:

        def start(**options: Any) -> Site:
            return stack.enter_context(launcher.launch(**options))

        yield start


@pytest.fixture
def site(launcher: Launcher) -> Site:
    """A running microblog where susan and john are registered; errors are mailed."""
    return launcher.default()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Somebody whom the site does not know."""
    return site.visitor()


@pytest.fixture
def susan(site: Site) -> Visitor:
    """A member, signed in."""
    return site.member("susan")


@pytest.fixture
def john(site: Site) -> Visitor:
    """Another member, signed in."""
    return site.member("john")


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
def flask(workplace: Workplace, database_url: str) -> Callable[..., CompletedCommand]:
    """Run `flask ARGUMENTS` in the workplace, on the test's own database."""
    return partial(run, workplace, "flask", env={"DATABASE_URL": database_url})


@pytest.fixture
def lost(site: Site, tmp_path: Path) -> Iterator[str]:
    """The address of a database, of the kind that is in use, which is not there."""
    kind = urlsplit(site.env["DATABASE_URL"]).scheme
    nobody = ClosedPort()
    if kind == "sqlite":
        # Of a URI it is not asked before the start whether its file can be.
        yield f"{kind}:///file:{tmp_path}/missing/site.db?uri=true"
    else:
        yield f"{kind}://nobody@127.0.0.1:{nobody.port}/nothing"
    nobody.stop()
