"""What a judgement means for a bisection, and how its result is shown."""

import copy
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.bisect import Judged, Result, outcome_of, show
from tests.contract.versions.compare import with_again
from tests.contract.versions.difference import PackageChange, difference
from tests.contract.versions.search import BAD, GOOD, SKIP


def test_outcomes(run: dict[str, Any]) -> None:
    """A behaviour holds, fails, or could not be judged."""
    assert outcome_of(run, "log.level") == Judged(GOOD)
    assert outcome_of(run, "errors.404-page") == Judged(BAD, "<script>")
    assert outcome_of(run, "mail.starttls") == Judged(BAD, "no *mail*")
    assert outcome_of(run, "debug.pin") == Judged(SKIP, "KeyError: 'x'")
    assert outcome_of(run, "log.format") == Judged(SKIP, run["headline"])


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [("start.plain", BAD), ("start.mail", BAD), ("log.level", SKIP)],
)
def test_target_that_does_not_start(
    run: dict[str, Any], behaviour: str, outcome: str
) -> None:
    """That a target does not start fails only the behaviours of starting."""
    run.update(status=2, problem="It hangs.", behaviours=[])

    assert outcome_of(run, behaviour) == Judged(outcome, "It hangs.")


def test_again(run: dict[str, Any]) -> None:
    """What ends otherwise the second time is flaky."""
    new, second = copy.deepcopy(run), copy.deepcopy(run)
    new["behaviours"][0]["outcome"] = "failed"
    del second["behaviours"][1]

    judged = with_again(new, second)

    assert [row["again"] for row in judged["behaviours"]][:3] == [
        ["passed"],
        [],
        ["failed"],
    ]
    assert not difference(run, judged).changes["broken"]


def test_starts_only_sometimes(run: dict[str, Any]) -> None:
    """A target that starts once and then does not cannot be compared."""
    second = {**run, "status": 2, "behaviours": [], "problem": "It hangs."}

    with pytest.raises(CannotBeJudged, match=r"starts only sometimes\.\nIt hangs\."):
        with_again(run, second)


def test_behaviours_of_a_target_that_no_longer_starts(run: dict[str, Any]) -> None:
    """A target of which something else was judged did start."""
    new = {**run, "status": 2, "behaviours": [], "problem": "It hangs."}

    [broken] = difference(run, new).changes["broken"]

    assert (broken.id, broken.before, broken.after) == (
        *("start.plain", "passed"),
        "failed",
    )


@pytest.mark.parametrize(
    ("uploaded", "changelog", "skipped", "lines"),
    [
        (None, "", (), ["", "a.b broke with x 1 -> 2", "  with it: y none -> 1"]),
        (
            datetime(2024, 5, 4, tzinfo=UTC),
            "https://x.invalid",
            ("step: reason\nmore",),
            [
                "",
                "a.b broke with x 1 -> 2, uploaded 2024-05-04",
                "  with it: y none -> 1",
                "  changes: https://x.invalid",
                "  not judged: step: reason",
            ],
        ),
    ],
)
def test_result(
    uploaded: datetime | None,
    changelog: str,
    skipped: tuple[str, ...],
    lines: list[str],
) -> None:
    """The result names the package, its date, its changelog, and a command."""
    changes = (PackageChange("x", "1", "2"), PackageChange("y", "", "1"))
    result = Result("a.b", changes, uploaded, changelog, 4, 12.3, "repeat it", skipped)
    stream = io.StringIO()

    show(result, Terminal(stream))

    assert stream.getvalue().splitlines() == [
        *lines,
        "4 judgements in 12 s. Repeat:",
        "  repeat it",
    ]
    assert result.as_data()["uploaded"] == (uploaded.isoformat() if uploaded else "")
