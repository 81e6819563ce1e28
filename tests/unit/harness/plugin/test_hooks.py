"""What the harness adds to pytest, seen in runs of their own."""

import signal
from types import SimpleNamespace
from typing import cast

import pytest

from tests.harness.plugin.behaviour import behaviours
from tests.harness.plugin.hooks import cores, pytest_xdist_auto_num_workers
from tests.harness.target.target import REPOSITORY

pytest_plugins = ["pytester"]

NAMES = [
    f"tests.harness.{name}"
    for name in ("plugin.hooks", "plugin.summary", "database.plugin")
]
PLUGINS = f"pytest_plugins = {NAMES}"
SUITE = '''
import pytest
from tests.harness.plugin.behaviour import MUST, SHOULD, behaviour

@behaviour("mail.storm", SHOULD, source="beyond")
def test_storm():
    """A storm is held back."""

@behaviour("mail.storm", SHOULD)
@pytest.mark.parametrize("number", [1, 2])
def test_storm_again(number):
    """A storm is held back again."""
    assert number == 1

@behaviour("log.file", MUST)
def test_file():
    """There is a file."""

@behaviour("pages.fit", SHOULD)
def test_left_out():
    """A page fits."""
    raise pytest.skip.Exception("no browser here")

def test_nothing(record_property):
    """No behaviour is proven."""
    record_property("cases", 7)
'''


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with a suite in it; other plugins are left out."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(PLUGINS)
    pytester.makepyfile(SUITE)
    return pytester


def test_without_options(run: pytest.Pytester) -> None:
    """Without options every test runs."""
    run.runpytest_inprocess().assert_outcomes(passed=4, failed=1, skipped=1)


def test_selected(run: pytest.Pytester) -> None:
    """One prefix selects the tests of the behaviours whose ids start so."""
    result = run.runpytest_inprocess("--behaviour", "mail")

    result.assert_outcomes(passed=2, failed=1, deselected=3)


def test_selected_by_several(run: pytest.Pytester) -> None:
    """Several prefixes select the tests of any of them."""
    result = run.runpytest_inprocess("--behaviour", "mail.st", "--behaviour", "log.")

    result.assert_outcomes(passed=3, failed=1, deselected=2)


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ([], False),
        (["--postgres"], True),
        (["--database-url", "postgresql://localhost/x"], True),
    ],
    ids=["neither", "postgres", "url"],
)
def test_database(run: pytest.Pytester, options: list[str], wanted: bool) -> None:
    """Who names a server of PostgreSQL is served on PostgreSQL."""
    config = run.parseconfigure(*options)

    assert config.getoption("postgres") is wanted


def test_summary(run: pytest.Pytester) -> None:
    """The summary says, area by area, how many behaviours hold with all their tests."""
    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*= behaviours =*", "log: 1 hold", "mail: *"])
    result.stdout.fnmatch_lines(["mail: 1 do not hold", "pages: 1 left out"])


def test_no_summary(run: pytest.Pytester) -> None:
    """A run without behaviours has no summary of them."""
    result = run.runpytest_inprocess("-k", "nothing")

    result.stdout.no_fnmatch_line("*behaviours*")


def test_left_out(run: pytest.Pytester) -> None:
    """The summary says how many tests were left out for want of a browser."""
    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*no browser here: 1 tests were left out*"])


def test_none_left_out(run: pytest.Pytester) -> None:
    """A run that left out none does not speak of a browser."""
    result = run.runpytest_inprocess("-k", "nothing")

    result.stdout.no_fnmatch_line("*no browser*")


def test_marks(run: pytest.Pytester) -> None:
    """Of several behaviours on one test the order is that of its marks."""
    path = run.makepyfile(
        test_both="""
        from tests.harness.plugin.behaviour import MUST, behaviour

        @behaviour("a.b", MUST, source="first")
        @behaviour("c.d", MUST)
        def test_both():
            pass
        """
    )
    [item], _ = run.inline_genitems(path)

    assert behaviours(item) == [("a.b", "MUST", "first"), ("c.d", "MUST", "")]


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        (["tests/unit"], 0),
        (["tests/unit/test_names.py::test_any", "tests/unit/harness"], 0),
        (["tests/unit", "tests/integration"], 1),
        (["tests"], 1),
    ],
)
def test_workers(asked: list[str], more: int) -> None:
    """As many workers as cores run the units, and one more what waits for servers."""
    config = SimpleNamespace(args=[str(REPOSITORY / one) for one in asked])

    workers = pytest_xdist_auto_num_workers(cast(pytest.Config, config))

    assert workers == cores() + more


def test_workers_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many workers as the environment asks for run, as xdist has it."""
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "7")
    config = SimpleNamespace(args=["tests"])

    assert pytest_xdist_auto_num_workers(cast(pytest.Config, config)) is None


def test_another_microblog(run: pytest.Pytester) -> None:
    """Another version of the microblog is served if it is asked for."""
    for part in ("app", "migrations"):
        (run.path / part).mkdir()

    assert run.parseconfigure("--microblog", ".").getoption("microblog") == run.path
    assert run.parseconfigure().getoption("microblog") == REPOSITORY


def test_no_microblog(run: pytest.Pytester) -> None:
    """A folder without a part of the microblog is refused in one line."""
    (run.path / "app").mkdir()

    with pytest.raises(pytest.UsageError, match="there is no migrations/ in /"):
        run.parseconfigure("--microblog", ".")


def test_ignored_interrupt(run: pytest.Pytester) -> None:
    """A run that was started with SIGINT ignored, as in the background, heeds it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run.runpytest_inprocess("-k", "nothing")

        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


TELLING = """
from tests.harness.logs.secret_scanner import SECRETS

def test_one():
    SECRETS.keep("the password", "Open-Sesame-2-Doors")
    SECRETS.look_through("the log of site-1", "2026: Open-Sesame-2-Doors")

def test_two():
    SECRETS.look_through("the log of site-1", "2026: nothing")
"""


def test_told_secret(run: pytest.Pytester) -> None:
    """A planted secret ends its test in an error that names the place, and the run."""
    result = run.runpytest_inprocess(run.makepyfile(TELLING))

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_one*", "*SecretExposed: what people keep *"]
    )
    result.stdout.fnmatch_lines(
        ["*the password, '2026: Open-*', stands in the log of site-1"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
