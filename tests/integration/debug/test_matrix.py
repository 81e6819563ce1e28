"""The exception matrix, case by case."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.integration.debug.error_page_kind import OWN
from tests.integration.debug.matrix import ABORTED, MATRIX, Case, Observed, observe

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("matrix")]

CASES = [pytest.param(case, id=case.name) for case in MATRIX]


@pytest.fixture(scope="module")
def outcomes(launcher: Launcher) -> dict[Case, Observed]:
    """The outcome of an exception in each case."""
    with ThreadPoolExecutor(2) as pool:
        sites = pool.map(lambda debug: observe(launcher, debug=debug), [False, True])
        return {case: seen for site in sites for case, seen in site.items()}


@behaviour("debug.matrix")
@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_an_exception(outcomes, case):
    """Page, log, mail and signal of an exception are those of docs/debug-mode.md."""
    assert outcomes[case].raised == MATRIX[case]


@behaviour("debug.matrix")
@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_abort_500(outcomes, case):
    """The outcome of abort(500) depends on debug mode alone, without a signal."""
    assert outcomes[case].aborted == ABORTED[case.debug]


@behaviour("debug.propagate-off")
def test_own_page_in_debug_mode(outcomes):
    """In debug mode without propagation the server prints the error."""
    seen = outcomes[Case(debug=True, testing=False, propagate=False)].raised

    assert (seen.page, seen.output) == (OWN, True)
