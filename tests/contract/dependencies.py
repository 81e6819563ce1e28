"""Which behaviours depend on others, and which verdicts that blocks."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path

from tests.contract.verdicts import BLOCKED, BROKEN, FAILED, NOT_OFFERED, Verdict

TABLE = Path(__file__).with_name("dependencies.toml")

#: The behaviours that a behaviour needs, by its id.
Needs = Mapping[str, Sequence[str]]

NEEDS: Needs = tomllib.loads(TABLE.read_text(encoding="utf-8"))

#: Outcomes that say nothing about the target while a behaviour that they need fails.
MOOT = (FAILED, BROKEN, NOT_OFFERED)


def block(verdicts: Sequence[Verdict], needs: Needs = NEEDS) -> list[Verdict]:
    """Return the verdicts, with "blocked" for behaviours that need a failed one.

    A blocked verdict names a failed behaviour that is not blocked itself. A behaviour
    that holds in spite of such a failure keeps its verdict.
    """
    judged = {verdict.identity: verdict for verdict in verdicts}
    for identity in TopologicalSorter(needs).static_order():
        verdict = judged.get(identity)
        if verdict is None or verdict.outcome not in MOOT:
            continue
        needed = [judged[one] for one in needs.get(identity, ()) if one in judged]
        if verdict.outcome == NOT_OFFERED in [one.outcome for one in needed]:
            continue  # the feature that both are about is missing
        root = next(failed_needs(identity, judged, needs), None)
        if root is not None and not _has_another_cause(verdict, judged[root]):
            judged[identity] = replace(
                verdict,
                outcome=BLOCKED,
                blocked_by=root,
                reason=f"It needs {root}, which fails.",
            )
    return list(judged.values())


def _has_another_cause(verdict: Verdict, root: Verdict) -> bool:
    """Return whether a failure has evidence of a cause that the needed one lacks."""
    causes, others = (
        {each.key for each in one.evidence if each.key} for one in (verdict, root)
    )
    return bool(causes - others)


def failed_needs(
    identity: str, judged: Mapping[str, Verdict], needs: Needs = NEEDS
) -> Iterator[str]:
    """Yield the failed behaviours that a behaviour needs, directly or indirectly."""
    for needed in needs.get(identity, ()):
        verdict = judged.get(needed)
        if verdict is not None and verdict.outcome == FAILED:
            yield needed
        elif verdict is not None and verdict.outcome == BLOCKED:
            yield verdict.blocked_by
        elif verdict is None or verdict.outcome in MOOT:  # look behind it
            yield from failed_needs(needed, judged, needs)
