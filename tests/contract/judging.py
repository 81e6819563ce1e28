"""Runs the portable tests against a target, and gathers the verdicts."""

import contextlib
import io
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.advice import CAUSES
from tests.contract.endings import ending, site_of
from tests.contract.hanging import Patience
from tests.contract.unusable import Unusable
from tests.contract.verdicts import Tally, Verdict
from tests.harness.plugin.behaviour import MUST, behaviours
from tests.harness.plugin.catalogue import AREAS, first_sentence
from tests.harness.plugin.portable import FILES, is_portable
from tests.harness.target.target import REPOSITORY, TARGET, Target


class Judge:
    """A pytest plugin: selects the tests, and turns their ends into verdicts."""

    def __init__(self, target: Target, level: str, prefixes: tuple[str, ...]) -> None:
        self._target = target
        self._level = level
        self._prefixes = prefixes
        self._compared: tuple[str, Any, Any] | None = None
        self._patience = Patience()
        self.tally = Tally()
        #: The message of a target that ended, or began to hang, in the middle.
        self.ended = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the fixtures know the target."""
        config.stash[TARGET] = self._target

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep what is portable and asked for, in the order of the catalogue."""
        items[:] = sorted(filter(self._is_wanted, items), key=_place)

    def _is_wanted(self, item: pytest.Item) -> bool:
        return is_portable(item) and any(
            level in (MUST, self._level)
            and (not self._prefixes or identity.startswith(self._prefixes))
            for identity, level, _ in behaviours(item)
        )

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        """Remember the values of the comparison that failed."""
        if self._compared is None:
            self._compared = (op, left, right)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give a verdict at the end of a test, or of a part that went wrong."""
        report = yield
        if call.excinfo is not None or call.when == "call":
            self._judge(item, call)
        if call.when == "teardown":
            self._compared = None
        return report

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        error = call.excinfo.value if call.excinfo else None
        try:
            self._patience.heed(error, site_of(item), item.name)
            said = ending(item, call, self._compared)
        except Unusable as error:
            self.ended = str(error)
            item.session.shouldstop = "the target answers no more"
            return
        docstring = getattr(item, "obj", None).__doc__ or ""
        for identity, level, source in behaviours(item):
            verdict = Verdict(
                identity=identity,
                level=level,
                statement=first_sentence(docstring),
                source=source,
                seconds=call.duration,
                cause=CAUSES.get(identity, ""),
                **said,
            )
            self.tally.add(verdict)

    def demand_verdicts(self, status: int, said: str) -> None:
        """
        See to it that the run came to its end.

        :param said: all that it printed
        :raise Unusable: it did not
        """
        if self.ended:
            raise Unusable(self.ended)
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise Unusable(f"Nothing {self._level} can be asked of others here.")
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise Unusable(f"The run itself failed:\n{said[-2000:]}")


def _place(item: pytest.Item) -> tuple[int, str]:
    area = behaviours(item)[0][0].partition(".")[0]
    return AREAS.index(area), item.nodeid


def judge(target: Target, level: str, prefixes: tuple[str, ...] = ()) -> list[Verdict]:
    """
    Judge *target*; return a verdict for each behaviour.

    :raise Unusable: it ended in the middle, hangs, or nothing could be judged
    """
    plugin = Judge(target, level, prefixes)
    arguments = [
        *("-q", "--capture=no", "-p", "no:randomly", "-p", "no:cacheprovider"),
        *("--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml")),
        *modules_for(prefixes),
    ]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(arguments, plugins=[plugin])
    plugin.demand_verdicts(status, said.getvalue())
    return sorted(plugin.tally.verdicts.values(), key=_order)


def modules_for(prefixes: tuple[str, ...]) -> list[str]:
    """
    Return the modules that may prove what is asked for: to import the others costs.

    :raise Unusable: there is none
    """
    paths = [str(REPOSITORY / file) for file in FILES]
    if not prefixes:
        return paths
    asked = re.compile("|".join(f'"{re.escape(prefix)}' for prefix in prefixes))
    found = [path for path in paths if asked.search(Path(path).read_text("utf-8"))]
    if not found:
        raise Unusable(f"No behaviour's id starts with {' or '.join(prefixes)}.")
    return found


def _order(verdict: Verdict) -> tuple[int, str]:
    return AREAS.index(verdict.area), verdict.identity
