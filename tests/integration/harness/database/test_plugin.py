"""Which database the sites are on, and whose server."""

from types import SimpleNamespace

import pytest

from tests.harness.database.plugin import pytest_configure_node

pytest_plugins = ["pytester"]

#: Prints what the options come to, in the process that runs the test.
TELLING = """
def test_told(request):
    print("told:", request.config.option.postgres, request.config.option.database_url)
"""

#: Names a server in the controller alone: workers have the arguments by themselves.
CONTROLLED = """
pytest_plugins = ["tests.harness.database.plugin"]

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.option.postgres = True
        config.option.database_url = "postgresql://x/y"
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder whose test tells what is asked for."""
    pytester.makeconftest('pytest_plugins = ["tests.harness.database.plugin"]')
    pytester.makepyfile(TELLING)
    return pytester


@pytest.mark.slow
def test_workers_are_told(run: pytest.Pytester) -> None:
    """The workers of a parallel run use the server that was named for it."""
    run.makeconftest(CONTROLLED)
    result = run.runpytest_subprocess("-n", "1", "-rP", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["told: True postgresql://x/y"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--database-url", "postgresql://x/y"], {"database_url": "postgresql://x/y"}),
        ([], {}),
    ],
    ids=["named", "sqlite"],
)
def test_node(run: pytest.Pytester, options: list[str], told: dict[str, str]) -> None:
    """Only where it is PostgreSQL's turn is a worker told of a server."""
    node = SimpleNamespace(config=run.parseconfigure(*options), workerinput={})

    pytest_configure_node(node)

    assert node.workerinput == told
