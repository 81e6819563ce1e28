"""Runs the portable tests against a target, and gathers the verdicts."""

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
from tests.harness.server.process import ProcessEnded
from tests.harness.server.service import NotStarted
from tests.harness.target.target import REPOSITORY, TARGET, Target

#: This many tests in a row may time out: each request costs 20 s.
MAX_TIMEOUTS = 3


#: Shows that a behaviour is begun: its number, how many there are, and its id.
Progress = Callable[[int, int, str], None]


def no_progress(number: int, total: int, identity: str) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Judgement:
    """The verdicts of a run, and why it did not come to its end ("" if it did)."""

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
        self.asked: dict[str, Verdict] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep what is portable and asked for, in the order of the catalogue."""
        items[:] = sorted(filter(self._is_wanted, items), key=_place)
        for item in items:
            for verdict in verdicts_of(item, outcome=""):
                if self._is_asked(verdict.identity, verdict.level):
                    self.asked.setdefault(verdict.identity, verdict)

    def _is_wanted(self, item: pytest.Item) -> bool:
        return is_portable(item) and any(
            self._is_asked(each.identity, each.level) for each in behaviours(item)
        )

    def _is_asked(self, identity: str, level: str) -> bool:
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
        #: The message of a target that ended, or began to hang, in the middle.
        self.stopped = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Let the fixtures know the target."""
        config.stash[TARGET] = self._target

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note when a test begins, and show the behaviour if it is the first of it."""
        self._since = time.time()
        for verdict in verdicts_of(item, outcome=""):
            identity = verdict.identity
            if identity in self.asked and identity not in self._begun:
                self._begun.add(identity)
                self._progress(len(self._begun), len(self.asked), identity)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give a verdict at the end of a test, or of a part that went wrong."""
        report = yield
        if call.excinfo is not None or call.when == "call":
            self._judge(item, call)
        return report

    def _judge(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        try:
            self._give_up_if_it_hangs(item, call)
            said = ending(item, call)
            if said["outcome"] == FAILED and any(item.iter_markers("wording")):
                said["outcome"] = DIFFERS
        except CannotBeJudged as error:
            self.stopped = str(error)
            item.session.shouldstop = "the target answers no more"
            return
        for verdict in verdicts_of(item, seconds=call.duration, **said):
            if self._is_asked(verdict.identity, verdict.level):
                if verdict.outcome in (FAILED, DIFFERS):
                    verdict = replace(verdict, expected=case_of(item))
                if verdict.outcome == FAILED:
                    found = self._evidence(item, call, verdict.identity)
                    verdict = with_evidence(verdict, found)
                self.tally.add(verdict)

    def _evidence(
        self, item: pytest.Item, call: pytest.CallInfo[None], identity: str
    ) -> tuple[Evidence, ...]:
        """Return what was seen of a failure, on the sites of its test and at start."""
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
            found += try_out(self._experiments, identity)
        return most_telling_first(found)

    def _is_blocked(self, identity: str) -> bool:
        """Tell whether a behaviour needs one that is known to fail."""
        return next(failed_needs(identity, self.tally.verdicts), None) is not None

    def _give_up_if_it_hangs(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """
        Count the tests in a row that got no answer.

        :raise CannotBeJudged: there were too many
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
        """
        Return what came of a run that ended with *status*.

        :param output: all that pytest printed
        :raise CannotBeJudged: nothing can be judged
        :raise RuntimeError: pytest itself failed
        """
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise CannotBeJudged(f"Nothing {self._level} can be asked of others here.")
        usual = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if status not in usual and not self.stopped:
            raise RuntimeError(f"pytest ended with status {status}:\n{output[-2000:]}")
        verdicts = sorted(block(list(self.tally.verdicts.values())), key=_order)
        return Judgement(verdicts, self.stopped)


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


def case_of(item: pytest.Item) -> str:
    """Return what a test expects: the first paragraph of its docstring, as one line."""
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
    """
    Judge *target*; return a verdict for each behaviour.

    :param prefixes: what their ids start with; none: all
    :param identities: their ids; none: all
    :param progress: is called when a behaviour is begun
    :raise CannotBeJudged: nothing could be judged
    """
    plugin = Judge(target, level, prefixes, identities, progress)
    modules = modules_for(prefixes or tuple(identities))
    status, output = _pytest(plugin, *modules)
    return plugin.judgement(status, output)


def asked(level: str, prefixes: tuple[str, ...] = ()) -> list[Verdict]:
    """Return the behaviours that a run would judge, as verdicts without an outcome."""
    plugin = Selection(level, prefixes)
    _pytest(plugin, "--collect-only", *modules_for(prefixes))
    return sorted(plugin.asked.values(), key=_order)


def _pytest(plugin: Selection, *arguments: str) -> tuple[int, str]:
    """Run pytest within this process; return its status and its output."""
    options = [
        *("-q", "--capture=no", "-p", "no:randomly", "-p", "no:cacheprovider"),
        "--assert=plain",  # a failure is told by what the assertion itself says
        *("--rootdir", str(REPOSITORY), "-c", str(REPOSITORY / "pyproject.toml")),
    ]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main([*options, *arguments], plugins=[plugin])
    return status, output.getvalue()


def modules_for(prefixes: tuple[str, ...]) -> list[str]:
    """
    Return the modules that may prove what is asked for; others need no import.

    :raise CannotBeJudged: there is none
    """
    paths = [str(REPOSITORY / file) for file in FILES]
    if not prefixes:
        return paths
    wanted = re.compile("|".join(f'"{re.escape(prefix)}' for prefix in prefixes))
    found = [path for path in paths if wanted.search(Path(path).read_text("utf-8"))]
    if not found:
        raise CannotBeJudged(f"No behaviour's id starts with {' or '.join(prefixes)}.")
    return found
