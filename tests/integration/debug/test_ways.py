"""Every way to start, row by row."""

import pytest

from tests.harness.plugin.behaviour import behaviour, own_only
from tests.integration.debug.start_methods import WAYS

pytestmark = pytest.mark.slow
MODES = {way.name: way.mode for way in WAYS}
NOT_LOGGED = [name for name, mode in MODES.items() if not mode.log_file]


#: One of each kind; `make test` omits the other rows of the table.
KINDS = ("unset", "zero", "one", "option", "only-reload", "gunicorn-debug")


def ways(*names: str) -> pytest.MarkDecorator:
    """Run a test with each of these ways; all tests of one go to one worker."""
    rows = []
    for name in names:
        marks = [pytest.mark.xdist_group(f"way-{name}")]
        marks += [] if name in KINDS else [pytest.mark.lengthy]
        rows.append(pytest.param(name, marks=marks))
    return pytest.mark.parametrize("way", rows)


@own_only
@behaviour("debug.every-way-to-start")
@ways(*MODES)
def test_what_is_on(observed, way):
    """Each way to start enables what the table of docs/debug-mode.md says."""
    assert observed[way].mode == MODES[way]


@own_only
@behaviour("debug.every-way-to-start")
@ways(*NOT_LOGGED)
def test_no_log_is_begun(observed, way):
    """Where errors are not logged, no log file is created."""
    assert not observed[way].has_log


@behaviour("debug.debugger")
@ways("one", "option")
def test_debugger_shows_the_trace(observed, way):
    """With FLASK_DEBUG=1 and with `flask --debug` the debugger shows the trace."""
    page = observed[way].page

    assert page.status == 500
    assert f"RuntimeError: {way}" in page.text
    assert "Traceback (most recent call last)" in page.text


@behaviour("debug.debugger")
@ways("unset", "zero")
def test_no_trace_without_debug(observed, way):
    """With FLASK_DEBUG unset or 0 the error page shows no trace."""
    page = observed[way].page

    assert page.status == 500
    assert "RuntimeError" not in page.html


@behaviour("debug.one-writer")
@ways("only-reload")
def test_one_process_writes_the_log(observed, way):
    """Under the reloader only the serving process writes the log."""
    assert observed[way].startups == 1
