"""Runs the portable tests against a target, and collects the verdicts."""

import contextlib
import io
import re
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.causes import with_evidence
from tests.contract.dependencies import block, failed_needs
from tests.contract.evidence import Witness, gather, most_telling_first
from tests.contract.experiments import Experiments, try_out
from tests.contract.outcomes import ending, site_of, sites_of
from tests.contract.stack_traces import raised_at_start
from tests.contract.target_errors import CannotBeJudged, cannot_be_judged
from tests.contract.verdicts import DIFFERS, FAILED, Evidence, Tally, Verdict
from tests.harness.plugin.behaviour import behaviours
from tests.harness.plugin.catalogue import AREAS, MUST
from tests.harness.plugin.portable import FILES, is_portable
from tests.harness.probe.client import ProbeError
from tests.harness.server.process import ProcessEnded
from tests.harness.server.service import NotStarted
from tests.harness.target.target import REPOSITORY, TARGET, Target
from tests.harness.waiting import DeadlineExceeded

#: The number of consecutive timeouts that ends a run; each takes 20 s.
MAX_TIMEOUTS = 3


#: Shows the progress of a run: number, total and id of the behaviour that begins.
Progress = Callable[[int, int, str], None]


def no_progress(number: int, total: int, identity: str) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Judgement:
    """The verdicts of a run, and why it was stopped ("" if it is complete)."""

    verdicts: list[Verdict]
    stopped: str = ""


class Selection:
    """A pytest plugin that selects the portable tests of some behaviours."""

    def __init__(
        self,
        level: str,
        prefixes: tuple[str, ...],
        identities: frozenset[str] = frozenset(),
    ) -> None:
        self._level = level
        self._prefixes = prefixes
        self._identities = identities
        #: The selected behaviours, without an outcome, by id.
        self.selected: dict[str, Verdict] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep the portable tests that are selected, in the order of the catalogue."""
        items[:] = sorted(filter(self._is_wanted, items), key=_place)
        for item in items:
            for verdict in verdicts_of(item, outcome=""):
                if self._is_selected(verdict.identity, verdict.level):
                    self.selected.setdefault(verdict.identity, verdict)

    def _is_wanted(self, item: pytest.Item) -> bool:
        return is_portable(item) and any(
            self._is_selected(each.identity, each.level) for each in behaviours(item)
        )

    def _is_selected(self, identity: str, level: str) -> bool:
        return (
            level in (MUST, self._level)
            and (not self._prefixes or identity.startswith(self._prefixes))
            and (not self._identities or identity in self._identities)
        )


class Judge(Selection):
    """Turns the results of the selected tests into verdicts."""

    def __init__(
        self,
        target: Target,
        level: str,
        prefixes: tuple[str, ...],
        identities: frozenset[str] = frozenset(),
        progress: Progress = no_progress,
    ) -> None:
        super().__init__(level, prefixes, identities)
        self._target = target
        self._progress = progress
        self._begun: set[str] = set()
        self._timeouts = 0
        #: When the test began.
        self._since = 0.0
        self._experiments: Experiments | None = None
        self.tally = Tally()
        #: The message about a target that ended or hangs, "" for a complete run.
        self.stopped = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Pass the target to the fixtures."""
        config.stash[TARGET] = self._target

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Record when a test begins, and show progress at each new behaviour."""
        self._since = time.time()
        for verdict in verdicts_of(item, outcome=""):
            identity = verdict.identity
            if identity in self.selected and identity not in self._begun:
                self._begun.add(identity)
                self._progress(len(self._begun), len(self.selected), identity)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add a verdict at the end of a test, or of a phase that failed."""
        report = yield
        if call.excinfo is not None or call.when == "call":
            self._judge(item, call)
        return report

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        try:
            self._give_up_if_it_hangs(item, call)
            values = ending(item, call)
            if values["outcome"] == FAILED and _is_wording(item, call):
                values["outcome"] = DIFFERS
        except CannotBeJudged as error:
            self.stopped = str(error)
            item.session.shouldstop = "the target no longer answers"
            return
        for verdict in verdicts_of(item, seconds=call.duration, **values):
            if self._is_selected(verdict.identity, verdict.level):
                if verdict.outcome in (FAILED, DIFFERS):
                    verdict = replace(verdict, expected=expectation(item))
                if verdict.outcome == FAILED:
                    found = self._evidence(item, call, verdict.identity)
                    verdict = with_evidence(verdict, found)
                self.tally.add(verdict)

    def _evidence(
        self, item: pytest.Item, call: pytest.CallInfo[None], identity: str
    ) -> tuple[Evidence, ...]:
        """Return the evidence of a failure: of its start, its sites and experiments."""
        found: list[Evidence] = []
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, NotStarted | ProcessEnded):
            found += raised_at_start(str(error))
        for site in sites_of(item, self._since):
            found += gather(Witness(site, identity, self._since))
        launcher = item.funcargs.get("launcher")  # type: ignore[attr-defined]
        if launcher is not None and not self._is_blocked(identity):
            if self._experiments is None:
                self._experiments = Experiments(launcher)
            with contextlib.suppress(ProbeError, requests.RequestException):
                found += try_out(self._experiments, identity)
        return most_telling_first(found)

    def _is_blocked(self, identity: str) -> bool:
        """Return whether a behaviour needs one that has failed."""
        return next(failed_needs(identity, self.tally.verdicts), None) is not None

    def _give_up_if_it_hangs(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """Count consecutive timeouts.

        Raises:
            CannotBeJudged: There were `MAX_TIMEOUTS` of them.
        """
        error = call.excinfo.value if call.excinfo else None
        self._timeouts = (
            self._timeouts + 1 if isinstance(error, requests.Timeout) else 0
        )
        if self._timeouts == MAX_TIMEOUTS:
            site = site_of(item)
            raise cannot_be_judged(
                f"The target hangs: {MAX_TIMEOUTS} tests in a row got no answer within "
                f"20 s, the last one was {item.name}.",
                site.output if site else "",
                "Does it wait for another server, or for a lock?",
            )

    def judgement(self, status: int, output: str) -> Judgement:
        """Return the verdicts of a run.

        Args:
            status: The exit status of pytest.
            output: The output of pytest.

        Raises:
            CannotBeJudged: No test was selected.
            RuntimeError: pytest itself failed.
        """
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise CannotBeJudged(
                f"No {self._level} behaviour selected here applies to other targets."
            )
        usual = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if status not in usual and not self.stopped:
            raise RuntimeError(f"pytest ended with status {status}:\n{output[-2000:]}")
        verdicts = sorted(block(list(self.tally.verdicts.values())), key=_order)
        return Judgement(verdicts, self.stopped)


def _is_wording(item: pytest.Item, call: pytest.CallInfo[None]) -> bool:
    """Return whether a failed test saw another wording, and not nothing at all."""
    return any(item.iter_markers("wording")) and not (
        call.excinfo and call.excinfo.errisinstance(DeadlineExceeded)
    )


def verdicts_of(item: pytest.Item, **values: Any) -> list[Verdict]:
    """Return a verdict with these values for each behaviour that a test proves."""
    return [
        Verdict(
            identity=each.identity,
            level=each.level,
            statement=each.sentence,
            source=each.source,
            test=item.nodeid,
            **values,
        )
        for each in behaviours(item)
    ]


def expectation(item: pytest.Item) -> str:
    """Return the first paragraph of a test's docstring as one line."""
    docstring = getattr(item, "obj", None).__doc__ or ""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def _place(item: pytest.Item) -> tuple[int, str]:
    return AREAS.index(behaviours(item)[0].area), item.nodeid


def _order(verdict: Verdict) -> tuple[int, str]:
    return AREAS.index(verdict.area), verdict.identity


def judge(
    target: Target,
    level: str,
    prefixes: tuple[str, ...] = (),
    identities: frozenset[str] = frozenset(),
    progress: Progress = no_progress,
) -> Judgement:
    """Judge a target and return a verdict for each behaviour.

    Args:
        level: MUST, or SHOULD for both levels.
        prefixes: Prefixes of the ids to judge; () means all.
        identities: The ids to judge; the empty set means all.
        progress: Called when a behaviour begins.

    Raises:
        CannotBeJudged: No behaviour was selected.
    """
    plugin = Judge(target, level, prefixes, identities, progress)
    modules = modules_for(prefixes or tuple(identities))
    status, output = _pytest(plugin, *modules)
    return plugin.judgement(status, output)


def selected(level: str, prefixes: tuple[str, ...] = ()) -> list[Verdict]:
    """Return the behaviours that a run would judge, as verdicts without an outcome."""
    plugin = Selection(level, prefixes)
    _pytest(plugin, "--collect-only", *modules_for(prefixes))
    return sorted(plugin.selected.values(), key=_order)


def _pytest(plugin: Selection, *arguments: str) -> tuple[int, str]:
    """Run pytest within this process and return its exit status and output."""
    options = [
        *("-q", "--capture=no", "-p", "no:randomly", "-p", "no:cacheprovider"),
        "--assert=plain",  # the assertions' own messages are shown
        *("--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml")),
    ]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main([*options, *arguments], plugins=[plugin])
    return status, output.getvalue()


def modules_for(prefixes: tuple[str, ...]) -> list[str]:
    """Return the paths of the modules that contain tests of the selected behaviours.

    Raises:
        CannotBeJudged: There are none.
    """
    paths = [str(REPOSITORY / file) for file in FILES]
    if not prefixes:
        return paths
    wanted = re.compile("|".join(f'"{re.escape(prefix)}' for prefix in prefixes))
    found = [path for path in paths if wanted.search(Path(path).read_text("utf-8"))]
    if not found:
        raise CannotBeJudged(f"No behaviour's id starts with {' or '.join(prefixes)}.")
    return found
