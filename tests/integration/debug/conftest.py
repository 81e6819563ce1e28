"""Fixtures of the tests of debug mode."""

from collections.abc import Iterator

import pytest

from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.debug.start_methods import Observations


@pytest.fixture(scope="package")
def debugged(launcher: Launcher) -> Iterator[Site]:
    """A site in debug mode with debugger and reloader."""
    with launcher.launch(debug=True) as site:
        yield site


@pytest.fixture(scope="package")
def observed(launcher: Launcher) -> Observations:
    """What was observed of each way to start, by its name."""
    return Observations(launcher)
