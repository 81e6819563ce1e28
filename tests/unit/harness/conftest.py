"""Fixtures for tests of the harness."""

import pytest


@pytest.fixture
def pytester(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """Run pytest within a test, without a garbage collection at its end (0.1 s)."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:unraisableexception")
    return pytester
