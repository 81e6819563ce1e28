"""The differences between two reports: the changed behaviours and packages."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import CANNOT_JUDGE, DIFFERS, FAIL, FAILED, HOLD, PASSED
from tests.harness.plugin.catalogue import find

Report = Mapping[str, Any]

#: The behaviour that fails if a target cannot be judged at all.
STARTS = "start.plain"

BROKEN, FIXED, NEW, GONE, FLAKY = KINDS = ("broken", "fixed", "new", "gone", "flaky")


@dataclass(frozen=True)
class Change:
    """A behaviour whose verdict differs between two reports."""

    id: str
    level: str
    statement: str
    #: The outcomes, "" where it was not judged.
    before: str
    after: str
    #: The observation where it does not hold, or why it was not judged.
    reason: str = ""


@dataclass(frozen=True)
class PackageChange:
    """A package whose version changed; "" means that it is not installed."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name} {self.before or 'none'} -> {self.after or 'none'}"


@dataclass(frozen=True)
class Difference:
    """The changes from one report to another."""

    #: The labels of the two reports.
    old: str
    new: str
    #: The changes of each of `KINDS`, in this order.
    changes: Mapping[str, tuple[Change, ...]]
    packages: tuple[PackageChange, ...]

    @property
    def status(self) -> int:
        """The exit status, 1 if a behaviour broke."""
        return FAIL if self.changes[BROKEN] else HOLD

    @property
    def headline(self) -> str:
        """A sentence that summarizes the difference, without a period."""
        counted = [f"{len(rows)} {kind}" for kind, rows in self.changes.items() if rows]
        behaviours = ", ".join(counted) or "No behaviour changed"
        number = len(self.packages)
        packages = f"{number} package{'' if number == 1 else 's'} changed"
        return f"{behaviours}; {packages if number else 'no package changed'}"

    def as_data(self) -> dict[str, Any]:
        """Return the difference for JSON."""
        return {
            "old": self.old,
            "new": self.new,
            "status": self.status,
            "headline": self.headline,
            **{kind: list(map(asdict, rows)) for kind, rows in self.changes.items()},
            "packages": [asdict(one) for one in self.packages],
        }


def read(path: Path) -> Report:
    """Read a report.

    Args:
        path: The file ``behaviours.json``, or its folder.

    Raises:
        CannotBeJudged: It cannot be read, or is not a report.
    """
    file = path / "behaviours.json" if path.is_dir() else path
    try:
        report: Report = json.loads(file.read_text("utf-8"))
        rows_of(report), _packages(report), report["status"], label(report)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CannotBeJudged(f"{file} is not a report of a run: {error!r}") from None
    return report


def label(report: Report) -> str:
    """Return the label of a report: its folder, time and headline."""
    folder = Path(report["target"]["folder"]).name
    return f"{folder}, {report['judged_at']}: {report['headline']}"


def difference(
    old: Report, new: Report, names: tuple[str, str] | None = None
) -> Difference:
    """Return the changes from one report to another.

    A behaviour that no longer holds is broken, whether it fails, is blocked by another
    failure, or is no longer offered. It is flaky if it had another outcome when it was
    judged again. Behaviours that were not reached, because the target could not be
    judged, have not changed.

    Args:
        names: The labels of the reports, by default those of their targets.
    """
    found: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for kind, change in _changes(old, new):
        found[kind].append(change)
    before, after = names or (label(old), label(new))
    return Difference(
        old=before,
        new=after,
        changes={kind: tuple(changes) for kind, changes in found.items()},
        packages=package_changes(_packages(old), _packages(new)),
    )


def _changes(old: Report, new: Report) -> Iterator[tuple[str, Change]]:
    """Yield the kind of change and the change of each behaviour that changed."""
    before, after = rows_of(old), rows_of(new)
    for rows, report, others in ((before, new, after), (after, old, before)):
        if rows and report["problem"] and STARTS in others:  # the other target starts
            rows.setdefault(STARTS, {**others[STARTS], "outcome": PASSED})
    for identity in {**after, **before}:
        one, other = before.get(identity), after.get(identity)
        row = other or one or {}
        change = Change(
            id=identity,
            level=row["level"],
            statement=row["statement"],
            before=one["outcome"] if one else "",
            after=other["outcome"] if other else "",
            reason=_reason(other) or _reason(one),
        )
        if is_flaky(one) or is_flaky(other):
            yield FLAKY, change
        elif one is None or other is None:
            if not (old if one is None else new)["problem"]:
                yield (NEW if one is None else GONE), change
        elif holds(one) != holds(other):
            yield (BROKEN if holds(one) else FIXED), change


def holds(row: Mapping[str, Any]) -> bool:
    """Return whether a behaviour holds."""
    return row["outcome"] in (PASSED, DIFFERS)


def is_flaky(row: Mapping[str, Any] | None) -> bool:
    """Return whether a behaviour had another outcome when it was judged again."""
    return row is not None and any(
        holds({"outcome": outcome}) != holds(row) for outcome in row.get("again", ())
    )


def _reason(row: Mapping[str, Any] | None) -> str:
    return "" if row is None or holds(row) else row["actual"] or row["reason"]


def rows_of(report: Report) -> dict[str, Mapping[str, Any]]:
    """Return the judged behaviours of a report by id.

    A target that cannot be judged at all counts as one that does not start.
    """
    rows = {row["id"]: row for row in report["behaviours"]}
    if not rows and report["status"] == CANNOT_JUDGE:
        behaviour = find(STARTS)
        rows[STARTS] = {
            "id": STARTS,
            "level": behaviour.level,
            "statement": behaviour.sentence,
            "outcome": FAILED,
            "actual": report["problem"],
        }
    return rows


def _packages(report: Report) -> dict[str, str]:
    """Return the versions of Python and of the packages in a report, by name."""
    target = report["target"]
    versions = {canonical(name): one for name, one in target["versions"].items()}
    python = {"python": versions["python"]} if "python" in versions else {}
    return {**python, **(target.get("packages") or versions)}


def canonical(name: str) -> str:
    """Return the normalized name of a package."""
    return re.sub(r"[-_.]+", "-", name).lower()


def package_changes(
    old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[PackageChange, ...]:
    """Return the packages whose versions differ, sorted by name."""
    return tuple(
        PackageChange(name, old.get(name, ""), new.get(name, ""))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )
