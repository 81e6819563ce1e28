"""The harness's pytest plugin, in separate pytest runs."""

import signal

import pytest

from tests.harness.plugin.behaviour import behaviours
from tests.harness.plugin.catalogue import find

pytest_plugins = ["pytester"]

PLUGINS = """
pytest_plugins = [
    "tests.harness.plugin.hooks",
    "tests.harness.plugin.summary",
    "tests.harness.database.plugin",
]
"""
SUITE = '''
import pytest
from tests.harness.plugin.behaviour import behaviour

@behaviour("mail.storm")
def test_storm():
    """A storm is held back."""

@behaviour("mail.storm")
@pytest.mark.parametrize("number", [1, 2])
def test_storm_again(number):
    """A storm is held back again."""
    assert number == 1

@behaviour("log.file")
def test_file():
    """There is a file."""

@behaviour("pages.readable")
def test_left_out():
    """A page fits."""
    raise pytest.skip.Exception("no browser here")

def test_nothing(record_property):
    """No behaviour is proven."""
    record_property("cases", 7)
    record_property("area", "mail")

def test_failure(record_property):
    """No behaviour fails."""
    record_property("cases", 100)
    assert False
'''


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with a suite that uses only the harness's plugins."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(PLUGINS)
    pytester.makepyfile(SUITE)
    return pytester


@pytest.mark.parametrize(
    ("prefixes", "selected"),
    [
        ([], {"passed": 4, "failed": 2, "skipped": 1}),
        (["mail"], {"passed": 2, "failed": 1, "deselected": 4}),
        (["mail.st", "log."], {"passed": 3, "failed": 1, "deselected": 3}),
    ],
    ids=["none", "one", "two"],
)
def test_selected_behaviours(
    run: pytest.Pytester, prefixes: list[str], selected: dict[str, int]
) -> None:
    """The prefixes of --behaviour select the tests of the behaviours they match."""
    options = [text for each in prefixes for text in ("--behaviour", each)]

    run.runpytest_inprocess(*options).assert_outcomes(**selected)


@pytest.mark.parametrize(
    ("options", "postgres"),
    [
        ([], False),
        (["--postgres"], True),
        (["--database-url", "postgresql://localhost/x"], True),
    ],
    ids=["neither", "postgres", "url"],
)
def test_postgres_options(
    run: pytest.Pytester, options: list[str], postgres: bool
) -> None:
    """A run with the URL of a PostgreSQL server is a run on PostgreSQL."""
    config = run.parseconfigure(*options)

    assert config.getoption("postgres") is postgres


def test_summary(run: pytest.Pytester) -> None:
    """The summary shows behaviours by area, skipped tests and sums of numbers."""
    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*= behaviours =*", "log: 1 hold", "mail: *"])
    result.stdout.fnmatch_lines(["mail: 1 do not hold", "pages: 1 left out"])
    result.stdout.fnmatch_lines(["*no browser here: 1 tests were left out*"])
    result.stdout.fnmatch_lines(["cases: 7"])
    result.stdout.no_fnmatch_line("area:*")


def test_empty_summary(run: pytest.Pytester) -> None:
    """A run without behaviours and skipped tests has no sections for them."""
    result = run.runpytest_inprocess("-k", "nothing")

    result.stdout.no_fnmatch_line("*behaviours*")
    result.stdout.no_fnmatch_line("*no browser*")


def test_order_of_behaviours(run: pytest.Pytester) -> None:
    """Several behaviours of one test are listed in the order of its decorators."""
    path = run.makepyfile(
        test_both="""
        from tests.harness.plugin.behaviour import behaviour

        @behaviour("log.file")
        @behaviour("mail.storm")
        def test_both():
            pass
        """
    )
    [item], _ = run.inline_genitems(path)

    assert behaviours(item) == [find("log.file"), find("mail.storm")]


def test_another_microblog(run: pytest.Pytester) -> None:
    """Another version of the microblog can be tested if it has all parts."""
    (run.path / "app").mkdir()
    with pytest.raises(pytest.UsageError, match="there is no migrations/ in /"):
        run.parseconfigure("--microblog", ".")

    (run.path / "migrations").mkdir()
    assert run.parseconfigure("--microblog", ".").getoption("microblog") == run.path


def test_ignored_interrupt(run: pytest.Pytester) -> None:
    """A run that starts with SIGINT ignored, as in the background, restores it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run.runpytest_inprocess("-k", "nothing")

        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


EXPOSING = """
from tests.harness.logs.secret_scanner import SECRETS

def test_one():
    SECRETS.add("the password", "Open-Sesame-2-Doors")
    SECRETS.scan("the log of site-1", "2026: Open-Sesame-2-Doors")

def test_two():
    SECRETS.scan("the log of site-1", "2026: nothing")
"""


def test_exposed_secret(run: pytest.Pytester) -> None:
    """A secret in a log makes the test end in an error."""
    result = run.runpytest_inprocess(run.makepyfile(EXPOSING))

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_one*", "*SecretExposed: secrets are exposed*"]
    )
    result.stdout.fnmatch_lines(
        ["*the password, '2026: Open-*', stands in the log of site-1"]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
