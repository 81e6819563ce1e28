"""The plugins of all tests."""

from importlib.util import find_spec

pytest_plugins = [
    "tests.harness.plugin.hooks",
    "tests.harness.plugin.summary",
    "tests.harness.database.plugin",
    # The tests that judge others need no Hypothesis, and are installed without it.
    *(["tests.harness.plugin.hypothesis_profiles"] if find_spec("hypothesis") else []),
]
