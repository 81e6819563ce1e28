"""Fixtures that every test may ask for; options: harness.plugin and databases."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.harness.launcher import Launcher
from tests.harness.site import Site
from tests.harness.stores import Store
from tests.harness.target import TARGET, Target
from tests.harness.visitor import Visitor

pytest_plugins = [
    "tests.harness.plugin",
    "tests.harness.databases",
    "tests.harness.figures",
]

settings.register_profile("dev", max_examples=20, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


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
    return launcher.usual()


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
