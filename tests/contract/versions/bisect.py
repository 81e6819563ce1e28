"""Finds the release of a package that broke a behaviour."""

import json
import shlex
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import BROKEN
from tests.contract.versions.compare import environment, label
from tests.contract.versions.difference import (
    STARTS,
    PackageChange,
    Report,
    holds,
    package_changes,
    rows_of,
)
from tests.contract.versions.ends import Request, judge
from tests.contract.versions.environments import (
    Environment,
    install,
    lock,
    locked,
    resolve,
)
from tests.contract.versions.mixtures import Mixture, chain, differing
from tests.contract.versions.releases import merged, releases, upgraded
from tests.contract.versions.search import BAD, GOOD, SKIP, Search
from tests.contract.versions.specs import Spec
from tests.contract.versions.uv import NotInstallable

#: The resolution of the search by date, in seconds.
HOUR = 3600

#: The number of differing packages from which the search goes on by package.
FEW = 4

#: An interpreter and its packages with their versions; each is judged once.
Key = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Judged:
    """The outcome of one judgement, and its reason."""

    outcome: str
    reason: str = ""
    environment: Environment | None = None


def outcome_of(report: Report, behaviour: str) -> Judged:
    """Return the outcome of a behaviour in a report."""
    rows = rows_of(report)
    row = rows.get(behaviour)
    if row is None and STARTS in rows and behaviour.startswith("start."):
        row = rows[STARTS]  # the target does not start at all
    if row is None:
        return Judged(SKIP, report["problem"] or report["headline"])
    if holds(row):
        return Judged(GOOD)
    reason = row["actual"] or row["reason"]
    return Judged(SKIP if row["outcome"] == BROKEN else BAD, reason)


@dataclass
class Bisection:
    """A search for the change between two environments that broke a behaviour."""

    request: Request
    behaviour: str
    #: The folder for the reports of each judgement.
    reports: Path
    terminal: Terminal
    #: The newest environment in which it holds, and the oldest in which it fails.
    good: Environment
    bad: Environment
    judgements: int = 0
    #: Why environments between these two could not be judged.
    skipped: list[str] = field(default_factory=list)
    _known: dict[Key, Judged] = field(default_factory=dict)

    def judge_ends(self) -> None:
        """Judge both ends in parallel.

        Raises:
            CannotBeJudged: The behaviour does not hold at the good end, or does not
                fail at the bad one.
        """
        with ThreadPoolExecutor(2) as pool:
            ends = list(pool.map(self._judge, (self.good, self.bad), (1, 2)))
        self.judgements = 2
        wanted = ((GOOD, "good", self.good), (BAD, "bad", self.bad))
        rows = enumerate(zip(ends, wanted, strict=True), 1)
        for number, (judged, (outcome, name, end)) in rows:
            self._known[_key(end.base, end.versions)] = judged
            self._show(number, f"the {name} end", judged)
            if judged.outcome != outcome:
                hint = f"\nBisect {STARTS} instead." if judged.outcome == SKIP else ""
                raise CannotBeJudged(
                    f"At the {name} end {self.behaviour} "
                    f"{'is' if judged.outcome == SKIP else ''} {judged.outcome}"
                    f"{judged.reason and ': '}{judged.reason}{hint}".replace("  ", " ")
                )

    def _judge(self, environment: Environment, number: int) -> Judged:
        report = judge(
            *(self.request, environment, self.reports / str(number)),
            behaviours=[self.behaviour],
        )
        return replace(outcome_of(report, self.behaviour), environment=environment)

    def _show(self, number: int | None, what: str, judged: Judged) -> None:
        reason = judged.reason if judged.outcome == SKIP else ""
        text = ": ".join([judged.outcome, *reason.strip().splitlines()[:1]])
        self.terminal.line(f"{f'{number}.' if number else '':4}{what}: {text}")

    def _outcome(self, what: str, base: str, make_lock: Callable[[], str]) -> str:
        """Judge the environment of a lock, and make it the good or the bad end.

        An environment that was judged before is not judged again.

        Args:
            what: The description of the step for the terminal.
            base: The interpreter of the environment.
            make_lock: Returns the lock.
        """
        try:
            text = make_lock()
            versions = {name: one.version for name, one in locked(text).items()}
            key = _key(base, versions)
            judged = self._known.get(key)
            if judged is None:
                made = install(text, base)
                self.judgements += 1
                judged = self._known[key] = self._judge(made, self.judgements)
                self._show(self.judgements, what, judged)
        except NotInstallable as error:
            judged = Judged(SKIP, f"not installable: {error}")
            self._show(None, what, judged)
        if judged.outcome == SKIP:
            self.skipped.append(f"{what}: {judged.reason}")
        elif judged.outcome == GOOD:
            self.good = judged.environment or self.good
        else:
            self.bad = judged.environment or self.bad
        return judged.outcome

    def by_date(self, spec: Spec, good: datetime, bad: datetime) -> None:
        """Bisect the dates until few packages differ between the two ends."""
        base = self.good.base

        def judge_date(seconds: int) -> str:
            day = datetime.fromtimestamp(seconds, UTC)
            dated = replace(spec, before=day)
            return self._outcome(
                f"by date, until {day:%Y-%m-%d %H:%M}",
                base,
                lambda: lock(dated, self.request.target, base),
            )

        search = Search(int(good.timestamp()), int(bad.timestamp()), step=HOUR)
        search.run(judge_date, enough=self._are_few)

    def _are_few(self) -> bool:
        """Return whether few enough packages differ to go on by package."""
        return len(differing(self.good, self.bad)) <= FEW

    def by_package(self) -> None:
        """Bisect the steps that change one package, with its dependants, at a time."""
        old, new = self.good, self.bad
        groups = chain(old, new)

        def mixture(count: int) -> Mixture:
            return Mixture(old, new, frozenset().union(*groups[:count]))

        def judge_step(count: int) -> str:
            mixed = mixture(count)
            pins = [one.pin for one in mixed.packages.values()]
            moved = ", ".join(sorted(groups[count - 1]))
            return self._outcome(
                f"by package, {count} of {len(groups)} moved, the last one is {moved}",
                mixed.base,
                lambda: resolve(pins, mixed.base, "--no-deps"),
            )

        search = Search(0, len(groups))
        search.run(judge_step)

    def by_release(self) -> None:
        """Bisect the releases between the two versions of the packages that differ."""
        base, good, bad = self.bad.base, self.good.packages, self.bad.packages
        names = upgraded(self.good, self.bad) if base == self.good.base else []
        steps = merged(releases(good[name], bad[name], base) for name in names)
        kept = [one.pin for name, one in bad.items() if name not in names]

        def judge_release(count: int) -> str:
            newest = {name: good[name] for name in names}
            newest |= {one.name: one for one in steps[:count]}
            bounds = [
                f"{name}>={good[name].version},<={one.version}"
                for name, one in newest.items()
            ]
            last = steps[count - 1]
            return self._outcome(
                f"by release, until {last.name} {last.version}",
                base,
                lambda: resolve([*kept, *bounds], base),
            )

        Search(0, len(steps)).run(judge_release)


def _key(base: str, versions: Mapping[str, str]) -> Key:
    packages = {name: one for name, one in versions.items() if name != "python"}
    return base, frozenset(packages.items())


@dataclass(frozen=True)
class Result:
    """The change that broke a behaviour."""

    behaviour: str
    #: The package that broke it and those that changed with it, by date of upload.
    changes: tuple[PackageChange, ...]
    uploaded: datetime | None
    changelog: str
    judgements: int
    seconds: float
    #: The command that repeats the last step.
    repeat: str
    #: Why environments between the good and the bad end could not be judged.
    skipped: tuple[str, ...] = ()

    def as_data(self) -> dict[str, object]:
        """Return the result for JSON."""
        return {
            "behaviour": self.behaviour,
            "packages": [
                {"name": one.name, "before": one.before, "after": one.after}
                for one in self.changes
            ],
            "uploaded": self.uploaded.isoformat() if self.uploaded else "",
            "changelog": self.changelog,
            "judgements": self.judgements,
            "seconds": round(self.seconds, 1),
            "repeat": self.repeat,
            "skipped": list(self.skipped),
        }


def bisect(
    request: Request,
    behaviour: str,
    good: Spec,
    bad: Spec,
    reports: Path,
    terminal: Terminal,
) -> Result:
    """Find the release that broke a behaviour.

    The search goes by date if the two ends differ only in their dates, then by package,
    then by release.

    Args:
        good: The end where the behaviour holds.
        bad: The end where it fails.
        reports: The folder for the reports, and for the locks of the result.

    Raises:
        CannotBeJudged: An end cannot be installed, or has another outcome.
    """
    begun = time.monotonic()
    ends = [environment(spec, request, terminal) for spec in (good, bad)]
    search = Bisection(request, behaviour, reports, terminal, good=ends[0], bad=ends[1])
    if search.good.versions == search.bad.versions:
        raise CannotBeJudged(
            f"{label(good, ends[0])} and {label(bad, ends[1])} are the same."
        )
    search.judge_ends()
    if good.before is not None and replace(bad, text="", before=None) == replace(
        good, text="", before=None
    ):
        search.by_date(good, good.before, bad.before or datetime.now(UTC))
    search.by_package()
    search.by_release()
    return _result(search, time.monotonic() - begun)


def _result(search: Bisection, seconds: float) -> Result:
    """Write the result to the folder of the reports and return it."""

    def uploaded(change: PackageChange) -> datetime | None:
        package = search.bad.packages.get(change.name)
        return package.uploaded if package else None

    unknown = datetime.max.replace(tzinfo=UTC)
    changes = sorted(
        package_changes(search.good.versions, search.bad.versions),
        key=lambda change: uploaded(change) or unknown,
    )
    first = search.bad.packages.get(changes[0].name)
    search.reports.mkdir(parents=True, exist_ok=True)
    specs = []
    for name, end in (("good", search.good), ("bad", search.bad)):
        path = search.reports / f"pylock.{name}.toml"
        shutil.copy(end.lock, path)
        specs.append(f"{end.base},{path.absolute()}")
    command = ["microblog-check", "compare", "--old", specs[0], "--new", specs[1]]
    command += ["--behaviour", search.behaviour, *search.request.arguments]
    result = Result(
        search.behaviour,
        tuple(changes),
        uploaded(changes[0]),
        first.changelog if first else "",
        search.judgements,
        seconds,
        shlex.join([*command, str(search.request.target)]),
        tuple(search.skipped),
    )
    text = json.dumps(result.as_data(), indent=2, ensure_ascii=False)
    (search.reports / "bisect.json").write_text(f"{text}\n", encoding="utf-8")
    return result


def show(result: Result, terminal: Terminal) -> None:
    """Print a result."""
    first, *others = result.changes
    day = f", uploaded {result.uploaded:%Y-%m-%d}" if result.uploaded else ""
    terminal.line()
    terminal.line(f"{result.behaviour} broke with {first}{day}")
    for one in others:
        terminal.line(f"  with it: {one}")
    if result.changelog:
        terminal.line(f"  changes: {result.changelog}")
    for skipped in result.skipped:
        terminal.line(f"  not judged: {skipped.splitlines()[0]}")
    terminal.line(f"{result.judgements} judgements in {result.seconds:.0f} s. Repeat:")
    terminal.line(f"  {result.repeat}")
