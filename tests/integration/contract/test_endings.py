"""How a test ended, as the verdict has it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.contract.endings import ending
from tests.contract.target_errors import CannotBeJudged
from tests.harness.capabilities import NotOffered
from tests.harness.http.page import LinkMissing
from tests.harness.server.service import NotStarted, flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


class Printed(Site):
    """A site that has printed something, and runs or has ended with status 3."""

    runs = True

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.runs

    @property
    def process(self) -> Any:
        """Its process."""
        return SimpleNamespace(status=3)

    @property
    def output(self) -> str:
        """What it has printed."""
        return "sqlalchemy.exc.IntegrityError: UNIQUE\n"


@pytest.fixture
def site(tmp_path: Path) -> Printed:
    """A site."""
    return Printed(Workplace(Target(tmp_path), tmp_path), flask_server(), {})


def end(
    error: BaseException | None, compared: Any = None, **given: object
) -> dict[str, str]:
    """Return the ending of a test that was given something and raises *error*."""

    def test() -> None:
        if error is not None:
            raise error

    return call(test, compared, **given)


def call(
    test: Callable[[], None], compared: Any = None, **given: object
) -> dict[str, str]:
    """Return the ending of *test*."""
    item: Any = SimpleNamespace(name="test_it", funcargs=given)
    return ending(item, pytest.CallInfo.from_call(test, "call"), compared, 0.01)


def test_passed() -> None:
    """What ends well has passed."""
    assert end(None) == {"outcome": "passed"}


def test_not_offered() -> None:
    """What is not offered is told with its reason."""
    told = end(NotOffered("no posts"))

    assert told == {"outcome": "not offered", "reason": "no posts"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LinkMissing("no link"), "LinkMissing: no link"),
        (KeyError("x"), "KeyError: 'x'"),
        (requests.ConnectionError("away"), "ConnectionError: away"),
    ],
)
def test_broken(site: Printed, error: Exception, reason: str) -> None:
    """What the harness could not do is no failure of the target."""
    assert end(error, site=site) == {"outcome": "broken", "reason": reason}


def test_no_answer() -> None:
    """An answer that does not come is a failure."""
    assert end(requests.ReadTimeout())["actual"] == "none came within 20 s"


def test_not_started() -> None:
    """What does not start is told by the target's own last words."""
    error = NotStarted(
        "the target did not start: ended with status 1\n"
        '  File "/lib/flask/app.py", line 1, in run\n    run()\n'
        '  File "/tmp/1/target/app.py", line 3, in <module>\n    nonsense\n'
        "NameError: name 'nonsense' is not defined"
    )

    told = end(error)

    assert told["expected"] == "that it starts like this"
    assert told["actual"].splitlines() == [
        "the target did not start: ended with status 1",
        '      File "app.py", line 3, in <module>',
        "        nonsense",
        "    NameError: name 'nonsense' is not defined",
    ]


def test_ended(site: Printed) -> None:
    """A target that ends in the middle cannot be judged further."""
    site.runs = False

    with pytest.raises(CannotBeJudged) as told:
        end(requests.ConnectionError("away"), site=site)

    assert "ended in the middle of a request (exit status 3)" in str(told.value)
    assert "IntegrityError: UNIQUE" in str(told.value)


def test_failed(site: Printed) -> None:
    """An assertion is told by what it compares; a 500 by what was printed with it."""

    def test() -> None:
        status = 500
        assert status == 200

    assert call(test, ("==", 500, 200), site=site) == {
        "outcome": "failed",
        "expected": "the status of the answer: 200",
        "actual": "500; its output: sqlalchemy.exc.IntegrityError: UNIQUE",
    }


def test_counted() -> None:
    """A mail too many is a failure of the target, not of the harness."""

    def test() -> None:
        mails = ["one", "two"]
        [_mail] = mails

    told = call(test)

    assert (told["outcome"], told["expected"]) == ("failed", "the number of mails: 1")
    assert told["actual"] == "more"


def test_failed_in_a_helper() -> None:
    """Of the statements that failed, the last one of a test's own module is told."""
    told = end(AssertionError("no level in 'x'"))

    assert told == {"outcome": "failed", "expected": "", "actual": "no level in 'x'"}


def test_only_in_debug_mode(site: Printed) -> None:
    """What does not hold where only debug mode starts is told, and the mode with it."""
    site.env = {"FLASK_DEBUG": "1"}

    def test() -> None:
        status = 404
        assert status == 200

    told = call(test, ("==", 404, 200), site=site)

    assert told["expected"] == "the status of the answer: 200"
    assert told["actual"].splitlines() == [
        *("404", "(seen in debug mode: it does not start outside it)")
    ]
    assert call(test, ("==", 404, 200), debugged=site)["actual"] == "404"
    assert end(KeyError("x"), site=site) == {
        **{"outcome": "broken", "reason": "KeyError: 'x'"},
    }
