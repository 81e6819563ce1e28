"""Root causes: which failures one bug causes, and the usual cause of a failure."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.contract.verdicts import BLOCKED, FAILED, Evidence, Verdict
from tests.harness.plugin.catalogue import MUST

_TABLE = Path(__file__).with_name("causes.toml")
#: The usual cause of a failure, by the id of the behaviour; or by that and the name of
#: a test, if that one fails for another reason than the behaviour's others.
USUAL_CAUSES: dict[str, str] = {
    identity: " ".join(cause.split())
    for identity, cause in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items()
}


def with_evidence(verdict: Verdict, evidence: tuple[Evidence, ...]) -> Verdict:
    """Return a failure with its evidence, or the usual cause if that shows none."""
    known = any(each.key for each in evidence)
    test = verdict.test.partition("::")[2].partition("[")[0]
    keys = () if known else (f"{verdict.identity} {test}", verdict.identity)
    cause = next((USUAL_CAUSES[key] for key in keys if key in USUAL_CAUSES), "")
    return replace(verdict, evidence=evidence, cause=cause)


@dataclass(frozen=True)
class RootCause:
    """One bug: the failures that it causes, and what these block."""

    #: The failures, those of MUST behaviours first.
    failed: tuple[Verdict, ...]
    blocked: tuple[Verdict, ...]

    @property
    def first(self) -> Verdict:
        """The most important of its failures."""
        return self.failed[0]

    @property
    def level(self) -> str:
        """The highest level of its failures."""
        return self.first.level

    @property
    def evidence(self) -> Evidence | None:
        """The evidence that shows most."""
        return next(iter(self.first.evidence), None)


def root_causes(verdicts: Sequence[Verdict]) -> list[RootCause]:
    """Return the root causes of the failures, those of MUST behaviours first.

    Failures with the same evidence have one cause, and so do those of one test.
    """
    groups: list[tuple[set[str], list[Verdict]]] = []
    for verdict in verdicts:
        if verdict.outcome == FAILED:
            marks = {each.key for each in verdict.evidence if each.key}
            marks |= {verdict.test} if verdict.test else set()
            members = [verdict]
            for group in [group for group in groups if group[0] & marks]:
                groups.remove(group)
                marks |= group[0]
                members += group[1]
            groups.append((marks, members))

    def order(verdict: Verdict) -> tuple[bool, int]:
        return verdict.level != MUST, verdicts.index(verdict)

    found = []
    for _, members in groups:
        failed = sorted(members, key=order)
        names = {verdict.identity for verdict in failed}
        blocked = [
            verdict
            for verdict in verdicts
            if verdict.outcome == BLOCKED and verdict.blocked_by in names
        ]
        found.append(RootCause(tuple(failed), tuple(blocked)))
    return sorted(found, key=lambda cause: order(cause.first))
