"""What a run leaves in GitHub Actions."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.__main__ import Run, main
from tests.contract.reports.markdown import markdown
from tests.contract.reports.workflow import LARGEST, annotations, leave
from tests.contract.verdicts import Verdict

ACTIONS = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "/"}


def test_annotations(run: dict[str, Any]) -> None:
    """A root cause is shown at the author's line, with all that fails of it."""
    run["root_causes"][0]["summary"] = "50 %: a,\nb"

    assert list(annotations(run, ACTIONS)) == [
        "::error file=blog/app/a_b.py,line=3,title=errors.404-page"
        "::50 %25: a,%0Ab%0AIt answers <b>404</b> | so.%0AAlso fails: errors.500-page"
    ]
    assert list(annotations(run, {})) == []


def test_annotation_without_a_line(run: dict[str, Any]) -> None:
    """A root cause whose line is unknown is shown without one."""
    [cause] = run["root_causes"]
    cause |= {"file": "", "line": 0, "failed": ["errors.404-page"], "summary": "x"}

    assert list(annotations(run, ACTIONS)) == [
        "::error title=errors.404-page::x%0AIt answers <b>404</b> | so."
    ]


def test_expected_failures_are_not_annotated(run: dict[str, Any]) -> None:
    """What is known to fail draws no attention."""
    for row in run["behaviours"]:
        row["expected_failure"] = row["outcome"] == "failed"

    assert list(annotations(run, ACTIONS)) == []


def test_most_important_annotations(run: dict[str, Any]) -> None:
    """The first ten root causes are shown: GitHub shows no more."""
    run["root_causes"] *= 20

    assert len(list(annotations(run, ACTIONS))) == 10


def test_annotation_of_a_problem(run: dict[str, Any]) -> None:
    """A target that cannot be judged is an error of the workflow."""
    run |= {"problem": "It hangs.\nWhy?", "headline": "Not judged: x"}

    first, *_ = annotations(run, ACTIONS)

    assert first == "::error title=Not judged%3A x::It hangs.%0AWhy?"


def test_summary_of_the_step(run: dict[str, Any], tmp_path: Path) -> None:
    """In a workflow the Markdown is added to the summary of the step."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")

    leave(run, {"GITHUB_STEP_SUMMARY": str(summary)})
    leave(run, {})

    assert summary.read_text() == "before\n" + markdown(run)


@pytest.mark.parametrize("before", [0, LARGEST - 5000, LARGEST - 10])
def test_summary_that_is_too_long(
    run: dict[str, Any], tmp_path: Path, before: int
) -> None:
    """A summary is cut at the end of a line before it is over GitHub's limit."""
    summary = tmp_path / "summary.md"
    summary.write_text("x" * before)
    run["behaviours"][0]["statement"] = "Ä" * LARGEST
    run["problem"] = "A line.\n" * 1000

    leave(run, {"GITHUB_STEP_SUMMARY": str(summary)})

    data = summary.read_bytes()
    assert len(data) <= LARGEST
    if before < LARGEST - 10:
        assert data.endswith(
            b"\n\nThe rest is too long for this summary: see the report.\n"
        )
    else:
        assert len(data) == before


def test_outputs(run: dict[str, Any], tmp_path: Path) -> None:
    """In a workflow the counts are outputs of the step."""
    outputs = tmp_path / "outputs"

    leave(run, {"GITHUB_OUTPUT": str(outputs)})

    assert outputs.read_text() == "passed=1\nfailed=2\n"


def test_command_in_a_workflow(
    tmp_path: Path,
    verdicts: list[Verdict],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command annotates by itself where it runs in a workflow."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        monkeypatch.setenv(name, str(tmp_path / name))

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = verdicts[:2]

    assert main(["/blog"], judge) == 1
    assert "\n::error file=" in capsys.readouterr().out
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "passed=1\nfailed=1\n"
