"""What tests have counted, added up."""

import pytest

pytest_plugins = ["pytester"]

SUITE = """
import pytest

@pytest.mark.parametrize("cases", [3, 4])
def test_cases(cases, record_property):
    record_property("cases", cases)

def test_of_no_account(record_property):
    record_property("area", "mail")

def test_that_fails(record_property):
    record_property("cases", 100)
    assert False
"""


def test_sums(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole numbers that passing tests recorded are shown added up, by their name."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest('pytest_plugins = ["tests.harness.plugin.summary"]')
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_inprocess()

    result.stdout.fnmatch_lines(["cases: 7"])
    result.stdout.no_fnmatch_line("area:*")
