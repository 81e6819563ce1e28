"""The database options in parallel runs."""

from types import SimpleNamespace

import pytest

from tests.harness.database.plugin import pytest_configure_node

pytest_plugins = ["pytester"]

#: Prints the options of the process that runs the test.
SUITE = """
def test_options(request):
    print("used:", request.config.option.postgres, request.config.option.database_url)
"""

#: Names a server in the controller only, as workers get its command line as well.
CONFTEST = """
pytest_plugins = ["tests.harness.database.plugin"]

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.option.postgres = True
        config.option.database_url = "postgresql://x/y"
"""


@pytest.mark.slow
def test_server_of_the_workers(pytester: pytest.Pytester) -> None:
    """The workers of a parallel run use the server of the controller."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess("-n", "1", "-rP", "-p", "no:cacheprovider")

    result.stdout.fnmatch_lines(["used: True postgresql://x/y"])


@pytest.mark.parametrize(
    ("options", "given"),
    [
        (["--database-url", "postgresql://x/y"], {"database_url": "postgresql://x/y"}),
        ([], {}),
    ],
    ids=["postgresql", "sqlite"],
)
def test_server_of_a_worker(
    pytester: pytest.Pytester, options: list[str], given: dict[str, str]
) -> None:
    """A worker gets the URL of a server only in a run on PostgreSQL."""
    pytester.makeconftest('pytest_plugins = ["tests.harness.database.plugin"]')
    node = SimpleNamespace(config=pytester.parseconfigure(*options), workerinput={})

    pytest_configure_node(node)

    assert node.workerinput == given
