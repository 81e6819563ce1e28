"""The pytest plugin that turns test results into verdicts."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.contract.judging import Judge, modules_for, selected
from tests.contract.target_errors import CannotBeJudged
from tests.harness.plugin.behaviour import behaviour, wording
from tests.harness.plugin.catalogue import MUST, SHOULD, find
from tests.harness.server.service import NotStarted, flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


def proves_a_file() -> None:
    """It logs."""
    raise AssertionError("There is 1 record.")


def proves_a_link() -> None:
    """It links."""


def proves_a_start() -> None:
    """It starts."""


LOGS, STARTS = "tests/integration/test_log.py::a", "tests/integration/test_start.py::c"
FILES = {
    LOGS: [behaviour("log.file")],
    "tests/integration/test_profile.py::b": [behaviour("profile.any-name-reachable")],
    STARTS: [behaviour("start.plain")],
    "tests/integration/test_posts.py::d": [behaviour("posts.write")],
}


def item(nodeid: str, test: Callable[[], None] = proves_a_file, **given: Any) -> Any:
    """Return a collected test."""
    marks = [decorator.mark for decorator in FILES[nodeid]]
    return SimpleNamespace(
        nodeid=nodeid,
        name=nodeid[-1],
        obj=test,
        funcargs=given,
        session=SimpleNamespace(shouldstop=""),
        iter_markers=lambda name: [mark for mark in marks if mark.name == name],
    )


def judge(level: str = MUST, prefixes: tuple[str, ...] = ()) -> Judge:
    """Return a judge of a target that is never started."""
    return Judge(Target(Path("/blog")), level, prefixes)


def report(judge: Judge, item: Any, call: Any) -> Any:
    """Report the end of a phase of a test, as pytest does."""
    hook = judge.pytest_runtest_makereport(item, call)
    next(hook)
    with pytest.raises(StopIteration) as end:
        hook.send("a report")  # type: ignore[arg-type] # it is handed through
    return end.value.value


@pytest.mark.parametrize(
    ("level", "prefixes", "kept"),
    [
        (MUST, (), "ca"),
        (SHOULD, (), "cba"),
        (MUST, ("log",), "a"),
        (SHOULD, ("log.f", "prof"), "ba"),
        (MUST, ("posts",), ""),
    ],
)
def test_selected(level: str, prefixes: tuple[str, ...], kept: str) -> None:
    """The portable tests of the requested behaviours run in catalogue order."""
    items = list(map(item, FILES))
    config: Any = None

    judge(level, prefixes).pytest_collection_modifyitems(config, items)

    assert "".join(one.name for one in items) == kept


def test_verdicts() -> None:
    """A test's result is a verdict on its behaviour, and pytest's report is kept."""
    judged = judge()
    failing = item(LOGS)

    assert report(
        judged, failing, pytest.CallInfo.from_call(proves_a_file, "call")
    ) == ("a report")
    report(judged, failing, pytest.CallInfo.from_call(lambda: None, "teardown"))
    passing = item(STARTS, proves_a_start)
    report(judged, passing, pytest.CallInfo.from_call(lambda: None, "setup"))
    report(judged, passing, pytest.CallInfo.from_call(proves_a_start, "call"))

    found = judged.tally.verdicts
    assert found["log.file"].statement == find("log.file").sentence
    assert found["log.file"].expected == "It logs."
    assert found["log.file"].actual == "There is 1 record."
    assert found["log.file"].test == LOGS
    assert {name: one.outcome for name, one in found.items()} == {
        **{"log.file": "failed", "start.plain": "passed"},
    }


def test_progress() -> None:
    """Each behaviour is shown once, when its first test begins."""
    shown: list[tuple[int, int, str]] = []
    items = [item(LOGS), item(LOGS), item(STARTS)]
    judged = Judge(
        Target(Path("/blog")),
        *(MUST, (), frozenset()),
        lambda number, total, identity: shown.append((number, total, identity)),
    )
    config: Any = None
    judged.pytest_collection_modifyitems(config, items)

    for one in items:
        judged.pytest_runtest_setup(one)

    assert shown == [(1, 2, "start.plain"), (2, 2, "log.file")]


def test_ended_in_the_middle(tmp_path: Path) -> None:
    """If the target ends during a test, the run stops without a verdict."""
    judged = judge()
    ended = Dead(Workplace(Target(tmp_path), tmp_path), flask_server(), {})
    one = item(LOGS, site=ended)

    def away() -> None:
        raise requests.ConnectionError("away")

    report(judged, one, pytest.CallInfo.from_call(away, "call"))

    assert one.session.shouldstop == "the target no longer answers"
    assert judged.tally.verdicts == {}
    judgement = judged.judgement(pytest.ExitCode.INTERRUPTED, "")
    assert "ended in the middle of a request" in judgement.stopped


def test_hangs(tmp_path: Path) -> None:
    """The run stops after three tests in a row without an answer."""
    judged = judge()
    hanging = Dead(Workplace(Target(tmp_path), tmp_path), flask_server(), {})
    tests = [item(LOGS, site=hanging) for _ in range(6)]

    def wait() -> None:
        raise requests.ReadTimeout

    for test, ends in zip(
        tests, [wait, wait, proves_a_link, wait, wait, wait], strict=True
    ):
        assert judged.stopped == ""
        report(judged, test, pytest.CallInfo.from_call(ends, "call"))

    assert [test.session.shouldstop for test in tests[:5]] == [""] * 5
    assert tests[5].session.shouldstop == "the target no longer answers"
    judgement = judged.judgement(pytest.ExitCode.INTERRUPTED, "")
    assert [one.outcome for one in judgement.verdicts] == ["failed"]
    assert judgement.stopped.splitlines() == [
        "The target hangs: 3 tests in a row got no answer within 20 s, the last one "
        "was a.",
        "Does it wait for another server, or for a lock?",
    ]


def test_hangs_at_start() -> None:
    """A start that gets no answer counts as a test without an answer."""
    judged = judge()

    def wait() -> None:
        raise requests.ReadTimeout

    for _ in range(3):
        report(judged, item(LOGS), pytest.CallInfo.from_call(wait, "setup"))

    assert judged.stopped.startswith("The target hangs")


class Dead(Site):
    """A site whose process has ended."""

    @property
    def process(self) -> Any:
        """The process, which has ended."""
        return SimpleNamespace(status=3, output="")


def test_nothing_to_judge() -> None:
    """A run that selects no test is refused with a message."""
    with pytest.raises(CannotBeJudged, match=r"^No MUST behaviour selected here"):
        judge(prefixes=("a", "b")).judgement(pytest.ExitCode.NO_TESTS_COLLECTED, "")


def test_pytest_fails() -> None:
    """An internal error of pytest is a bug of the harness, with its output."""
    with pytest.raises(RuntimeError, match="INTERNALERROR"):
        judge().judgement(pytest.ExitCode.INTERNAL_ERROR, "INTERNALERROR")


def test_modules() -> None:
    """Only the modules that can prove a requested behaviour are collected."""
    found = modules_for(("mail.err", "log.file"))

    assert [path.rpartition("/")[2] for path in found] == [
        "test_mail.py",
        "test_log.py",
    ]
    assert len(modules_for(())) > 10


def test_unknown_prefix() -> None:
    """A prefix that matches no behaviour is refused."""
    with pytest.raises(
        CannotBeJudged, match=r"^No behaviour's id starts with nonsense\.$"
    ):
        modules_for(("nonsense",))


@pytest.mark.parametrize("status", [pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED])
def test_run_to_its_end(status: int) -> None:
    """A run with failed tests is complete."""
    assert judge().judgement(status, "").stopped == ""


def test_other_wording() -> None:
    """A failure of a wording that others may choose "differs"."""
    judged = judge()
    one = item(LOGS)
    one.iter_markers = lambda name: [
        decorator.mark
        for decorator in (wording, *FILES[LOGS])
        if decorator.mark.name == name
    ]

    report(judged, one, pytest.CallInfo.from_call(proves_a_file, "call"))

    assert judged.tally.verdicts["log.file"].outcome == "differs"


def test_other_behaviours_of_a_test() -> None:
    """If a test proves two behaviours, only the requested one is judged."""
    judged = judge(prefixes=("log.fi",))
    one = item(LOGS)
    both = [behaviour("log.file"), behaviour("log.level")]
    one.iter_markers = lambda name: [each.mark for each in both if name == "behaviour"]
    config: Any = None

    judged.pytest_collection_modifyitems(config, [one])
    report(judged, one, pytest.CallInfo.from_call(proves_a_link, "call"))

    assert list(judged.selected) == ["log.file"]
    assert list(judged.tally.verdicts) == ["log.file"]


def test_start_that_fails() -> None:
    """The evidence of a target that does not start is the printed exception."""
    judged = judge()

    def start() -> None:
        raise NotStarted('  File "/tmp/1/target/a.py", line 2, in x\nKeyError: 3')

    report(judged, item(LOGS), pytest.CallInfo.from_call(start, "setup"))

    [seen] = judged.tally.verdicts["log.file"].evidence
    assert (seen.text, seen.place) == ("Starting it raises KeyError: 3", "a.py:2")


def test_exact_ids() -> None:
    """A replay judges exactly the behaviours of a report."""
    items = list(map(item, FILES))
    config: Any = None
    exact = frozenset({"profile.any-name-reachable"})
    judged = Judge(Target(Path("/blog")), SHOULD, (), exact)

    judged.pytest_collection_modifyitems(config, items)

    assert list(judged.selected) == ["profile.any-name-reachable"]


def test_listed() -> None:
    """The requested behaviours are listed in catalogue order, without verdicts."""
    listed = selected(MUST, ("log.fo", "log.fi", "mail.tls"))

    assert [(one.identity, one.level, one.outcome) for one in listed] == [
        *(("log.file", "MUST", ""), ("log.format", "MUST", ""))
    ]


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the portable test functions, without the tests of our own behaviours."""
    for path in modules_for(()):
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                if node.name.startswith("test_") and "own_only" not in marks:
                    yield Path(path).stem, node


def test_assertions_have_words() -> None:
    """Each assertion in a portable test has a message."""
    silent = [
        f"{module}.{function.name}:{node.lineno}"
        for module, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Assert)
        and node.msg is None
        and ast.unparse(node.test) != "site.mailbox is not None"
    ]

    assert silent == []


def test_counted_in_words() -> None:
    """A portable test counts mails by an assertion with a message."""
    unpacked = [
        f"{module}.{function.name}:{node.lineno}"
        for module, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.List)
        and "site.mails()" in ast.unparse(node.value)
    ]

    assert unpacked == []
