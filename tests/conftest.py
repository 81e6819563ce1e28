"""The plugins of all tests, and Hypothesis's profiles."""

import os

from hypothesis import settings

pytest_plugins = [
    "tests.harness.plugin.hooks",
    "tests.harness.plugin.summary",
    "tests.harness.database.plugin",
]

settings.register_profile("dev", max_examples=20, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
