"""Judging one end of a comparison."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions import commands, ends
from tests.contract.versions.bisect import Bisection
from tests.contract.versions.ends import Request, judge
from tests.contract.versions.environments import Environment, Package
from tests.contract.versions.search import SKIP
from tests.contract.versions.uv import NotInstallable
from tests.unit.contract.versions.environments_at_hand import environment, package

Run = dict[str, Any]
Judge = Callable[[Run], Any]

REQUEST = Request(Path("/blog"), "python", ("--level", "must"))
MADE = environment(package("flask", "3.1.3"))


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Judge:
    """What comes of a judge with a report."""

    def judge_with(report: Run) -> Any:
        monkeypatch.setattr(ends, "judge_folder", lambda *arguments, environ: report)
        return judge(REQUEST, MADE, tmp_path / "report", ["log.file"])

    return judge_with


def test_same_packages(judged: Judge, run: Run) -> None:
    """A target that ran with the packages of the lock is judged."""
    run["target"]["versions"]["Python"] = "3.11.7"

    assert judged(run)["behaviours"] == run["behaviours"]


def test_other_packages(judged: Judge, run: Run) -> None:
    """A target that ran with other packages is not judged."""
    run["target"].update(versions={"Python": "3.11.7"}, packages={"flask": "2.0"})

    with pytest.raises(CannotBeJudged, match=r"flask 2\.0 instead of 3\.1\.3"):
        judged(run)


def test_not_started(judged: Judge, run: Run) -> None:
    """Of a target that did not start, the packages are those of the lock."""
    run["target"].update(versions={}, packages={})

    target = judged(run)["target"]

    assert target["versions"] == {"Python": "3.11.7"}
    assert target["packages"] == {"flask": "3.1.3"}


def test_no_report(judged: Judge) -> None:
    """A judge that leaves no report is not trusted."""
    with pytest.raises(CannotBeJudged, match=r"It fell\.\nSee /.+/report/output\.txt"):
        judged({"headline": "It fell"})


def bisection(good: Environment, bad: Environment) -> Bisection:
    """Return a bisection between two environments."""
    return Bisection(REQUEST, "log.file", Path("/r"), Terminal(), good=good, bad=bad)


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (environment(package("a", "2")), environment(package("a", "1"))),
        (environment(package("a", "1")), environment(Package("a", "2", "a===2"))),
        (
            environment(package("a", "1")),
            environment(package("a", "2"), python="3.12.1"),
        ),
    ],
    ids=["downgrade", "unknown upload", "another interpreter"],
)
def test_releases_without_order(good: Environment, bad: Environment) -> None:
    """Releases are not bisected where no upload time shows which lie between."""
    search = bisection(good, bad)

    search.by_release()

    assert (search.judgements, search.good, search.bad) == (0, good, bad)


def test_not_installable(capsys: pytest.CaptureFixture[str]) -> None:
    """A set that cannot be installed is skipped, and the result says so."""

    def make_lock() -> str:
        raise NotInstallable("no wheel")

    search = bisection(MADE, MADE)

    assert search._outcome("a step", "python", make_lock) == SKIP
    assert search.skipped == ["a step: not installable: no wheel"]
    assert capsys.readouterr().out == "    a step: skipped: not installable: no wheel\n"


def test_target_of_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installed judge has no application of its own to compare."""
    monkeypatch.setattr(commands, "REPOSITORY", tmp_path)
    monkeypatch.setattr(commands, "find_uv", lambda: "uv")

    with pytest.raises(CannotBeJudged, match="Name the folder"):
        commands.compare_command(["--old", "lowest", "--new", "latest"])
