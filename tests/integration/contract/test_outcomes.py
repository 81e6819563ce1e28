"""The outcome of a test, as its verdict has it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.contract.outcomes import ending, sites_of
from tests.contract.target_errors import CannotBeJudged
from tests.harness.capabilities import NotOffered
from tests.harness.http.page import LinkMissing
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted, flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


class Printed(Site):
    """A site that has printed an exception, and runs or has ended with status 3."""

    runs = True

    @property
    def running(self) -> bool:
        """Whether the process runs."""
        return self.runs

    @property
    def process(self) -> Any:
        """The process, which has ended."""
        return SimpleNamespace(status=3)

    @property
    def output(self) -> str:
        """The printed output."""
        return "sqlalchemy.exc.IntegrityError: UNIQUE\n"


@pytest.fixture
def site(tmp_path: Path) -> Printed:
    """A site that runs."""
    return Printed(Workplace(Target(tmp_path), tmp_path), flask_server(), {})


def end(error: BaseException | None, **given: object) -> dict[str, str]:
    """Return the outcome of a test with these fixtures that raises *error*."""

    def test() -> None:
        if error is not None:
            raise error

    item: Any = SimpleNamespace(name="test_it", funcargs=given)
    return ending(item, pytest.CallInfo.from_call(test, "call"), 0.01)


def test_passed() -> None:
    """A test without an error has passed."""
    assert end(None) == {"outcome": "passed"}


def test_not_offered() -> None:
    """A missing feature is "not offered", with the reason."""
    outcome = end(NotOffered("no posts"))

    assert outcome == {"outcome": "not offered", "reason": "no posts"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LinkMissing("no link"), "LinkMissing: no link (test_outcomes.py:"),
        (KeyError("x"), "KeyError: 'x' (test_outcomes.py:"),
        (requests.ConnectionError("away"), "ConnectionError: away (test_outcomes.py:"),
    ],
)
def test_broken(site: Printed, error: Exception, reason: str) -> None:
    """An error of the harness is "broken", with its line, and not a failure."""
    outcome = end(error, site=site)

    assert outcome["outcome"] == "broken"
    assert outcome["reason"].startswith(reason)


@pytest.mark.parametrize(
    ("error", "actual"),
    [
        (AssertionError("/nope answers 200."), "/nope answers 200."),
        (
            AssertionError("a record did not come\n--- log ---"),
            "A record did not come.",
        ),
        (AssertionError(f"It says {'x' * 400}!"), "It says xxx...!"),
        (
            NotStarted("the target did not start: ended"),
            "The target did not start: ended.",
        ),
        (requests.ReadTimeout(), "No answer came within 20 s."),
    ],
)
def test_failed(error: Exception, actual: str) -> None:
    """The actual result of a failure is the sentence of its assertion."""
    assert end(error) == {"outcome": "failed", "actual": actual}


def test_ended(site: Printed) -> None:
    """If the target ends during a test, it cannot be judged further."""
    site.runs = False

    with pytest.raises(CannotBeJudged) as raised:
        end(requests.ConnectionError("away"), site=site)

    assert "ended in the middle of a request (exit status 3)" in str(raised.value)
    assert "IntegrityError: UNIQUE" in str(raised.value)


def test_only_in_debug_mode(site: Printed) -> None:
    """A failure on a site in debug mode mentions that mode."""
    site.env = {"FLASK_DEBUG": "1"}

    outcome = end(AssertionError("/ answers 404."), site=site)

    assert outcome["actual"] == (
        "/ answers 404. (Seen in debug mode: it does not start outside it.)"
    )
    assert end(AssertionError("No."), debugged=site)["actual"] == "No."


def test_sites(site: Printed, tmp_path: Path) -> None:
    """The sites of a test are those in its fixtures and those started for it."""
    launcher = Launcher(Target(tmp_path), None, tmp_path)  # type: ignore[arg-type]
    other: Any = object()
    launcher.recent.extend([(1.0, other), (3.0, site), (3.0, other)])
    holder = SimpleNamespace(site=site)

    def sites(**given: object) -> list[Any]:
        item: Any = SimpleNamespace(funcargs=given)
        return list(sites_of(item, since=2.0))

    assert sites(launcher=launcher) == [site, other]
    assert sites(site=site, holder=holder, name="x") == [site]
