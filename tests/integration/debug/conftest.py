"""What the tests of debug mode share."""

from collections.abc import Iterator

import pytest

from tests.harness.launcher import Launcher
from tests.harness.site import Site
from tests.integration.debug.ways import WAYS, Observations


@pytest.fixture(scope="package")
def debugged(launcher: Launcher) -> Iterator[Site]:
    """A site in debug mode, with debugger and reloader."""
    with launcher.launch(debug=True) as site:
        yield site


@pytest.fixture(scope="package", autouse=True)
def observed(
    request: pytest.FixtureRequest, launcher: Launcher
) -> Iterator[Observations]:
    """What each way to start comes to, by its name.

    Each start takes a second, so those that the selected tests ask for are begun here,
    side by side and beside the other tests. A worker of pytest-xdist does not know
    which tests are its own, and starts one when a test asks for it.
    """
    with Observations(launcher) as observations:
        if not hasattr(request.config, "workerinput"):
            asked = {
                item.callspec.params.get("way")
                for item in request.session.items
                if hasattr(item, "callspec")
            }
            for way in WAYS:
                if way.name in asked:
                    observations.begin(way.name)
        yield observations
