"""Many submissions: the folders, their judgement side by side, and the summary."""

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract import submissions
from tests.contract.__main__ import main
from tests.contract.options import parse
from tests.contract.reports.terminal import Terminal
from tests.contract.submissions import (
    judge_one,
    judge_submissions,
    markdown,
    page,
    submissions_in,
    summaries,
    unique_names,
)
from tests.contract.target_errors import CannotBeJudged


def report(*failed: str, status: int = 0, headline: str = "All hold") -> dict[str, Any]:
    """The report of a run with two areas, in which some behaviours fail."""
    ids = ("mail.error-is-mailed", "log.file", "log.level")
    outcomes = {one: "failed" if one in failed else "passed" for one in ids}
    outcomes["log.stdout"] = "not offered"
    return {
        "status": status,
        "outcome": "failed" if failed else "held",
        "headline": headline,
        "counts": {"passed": 3 - len(failed), "failed": len(failed)},
        "seconds": 7.4,
        "behaviours": [
            {"id": one, "outcome": outcome} for one, outcome in outcomes.items()
        ],
        "root_causes": [],
    }


JUDGED = {
    "anna": report(),
    "bob": report("log.file", "log.level", status=1, headline="2 do not hold"),
    "c|<d>": report("log.file", status=1, headline="1 does not hold"),
}


def test_folder_of_submissions(tmp_path: Path) -> None:
    """Each folder is a submission, but for hidden ones and caches."""
    for name in ("bob", "anna", ".git", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").touch()

    assert [path.name for path in submissions_in(tmp_path)] == ["anna", "bob"]


def test_folder_without_submissions(tmp_path: Path) -> None:
    """A folder without folders is refused with one line."""
    with pytest.raises(CannotBeJudged, match=r"no folder in it\. Unpack the"):
        submissions_in(tmp_path)


def test_folder_that_is_missing(tmp_path: Path) -> None:
    """A folder of submissions that does not exist is refused with one line."""
    with pytest.raises(CannotBeJudged, match=r"No such file or directory\. Name the"):
        submissions_in(tmp_path / "x")


def test_names_of_submissions() -> None:
    """Submissions with the same folder name are told apart by a number."""
    folders = [Path("a/blog"), Path("b/blog"), Path("c/mine")]

    assert unique_names(folders) == ["blog-1", "blog-2", "mine"]


def test_arguments_of_each_submission(tmp_path: Path) -> None:
    """Each submission is judged with the arguments that hold for all of them."""
    (tmp_path / "anna").mkdir()

    options = parse(
        [
            *("x", "y", "--all", str(tmp_path), "--level", "should"),
            *("--report", "r", "--behaviour=mail"),
        ]
    )

    assert options.submissions == (Path("x"), Path("y"), tmp_path / "anna")
    assert options.others == ("--level", "should", "--behaviour=mail")


def test_arguments_with_equals_signs(tmp_path: Path) -> None:
    """An option with an equals sign is recognized, too."""
    (tmp_path / "anna").mkdir()

    options = parse([f"--all={tmp_path}", "--report=r"])

    assert options.submissions == (tmp_path / "anna",)
    assert options.others == ()


def test_summary_in_markdown() -> None:
    """The summary leads with what most submissions miss, and counts by area."""
    lines = markdown(JUDGED).splitlines()

    assert "| `log.file` | 2 |" in lines
    assert not any("log.level" in line for line in lines)
    assert lines[-2:] == [
        "| bob | failed | 1 | 2 | 0 | 7 | 2 do not hold | 1/1 | 0/2 |",
        "| c/<d> | failed | 2 | 1 | 0 | 7 | 1 does not hold | 1/1 | 1/2 |",
    ]


def test_summary_as_a_page() -> None:
    """The page escapes names, and links each submission's own report."""
    text = page(JUDGED)

    assert '<a href="anna/behaviours.html">anna</a>' in text
    assert "c|&lt;d&gt;" in text
    assert "<d>" not in text


def test_summary_as_data() -> None:
    """The sheet has a row for each submission, and JSON its counts."""
    files = summaries({"anna": report()})

    [header, row] = csv.reader(io.StringIO(files["submissions.csv"]))
    assert dict(zip(header, row, strict=True))["log"] == "2/2"
    assert json.loads(files["submissions.json"])["anna"]["counts"]["passed"] == 3
    assert "most missed" not in files["submissions.md"] + files["submissions.html"]


def test_submissions_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each end is printed as it comes, then the summary; the worst status counts."""
    given: list[tuple[str, ...]] = []

    def judge(folder: Path, arguments: Any, _report: Path) -> Any:
        given.append(tuple(arguments))
        return JUDGED[folder.name]

    monkeypatch.setattr(submissions, "judge_one", judge)

    status = main(["anna", "bob", "--level", "should", "--report", str(tmp_path / "r")])

    printed = capsys.readouterr().out
    assert status == 1
    assert given == [("--level", "should")] * 2
    assert "bob: 2 do not hold." in printed
    assert "| anna | held | 3 |" in printed
    assert (tmp_path / "r" / "submissions.csv").exists()


class Finished:
    """What subprocess.run returns, as far as it is read."""

    stdout = "first\nThe last line.\n"


def test_report_of_one_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission is judged by the same command, which writes its own report."""

    def run(command: list[str], **_options: Any) -> Finished:
        folder = Path(command[command.index("--report") + 1])
        folder.mkdir()
        (folder / "behaviours.json").write_text(json.dumps(report()))
        return Finished()

    monkeypatch.setattr(subprocess, "run", run)

    judged = judge_one(Path("anna"), ["--level", "should"], tmp_path / "anna")

    assert judged["outcome"] == "held"
    assert (tmp_path / "anna" / "output.txt").read_text() == Finished.stdout


@pytest.mark.parametrize(
    ("output", "headline"),
    [("first\nThe last line.\n", "The last line"), ("", "It printed nothing")],
    ids=["message", "silent"],
)
def test_submission_without_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, headline: str
) -> None:
    """A submission that leaves no report has a row that says what it printed."""
    monkeypatch.setattr(Finished, "stdout", output)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: Finished())

    judged = judge_one(Path("anna"), [], tmp_path / "anna")

    assert (judged["status"], judged["headline"]) == (3, headline)
    assert markdown({"anna": judged}).endswith("0 | 0 | 0 | 0 | " + headline + " |\n")


def test_submission_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission that hangs is given up, and its row says so."""

    def run(command: list[str], **_options: Any) -> Finished:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)

    status = judge_submissions([Path("anna")], [], tmp_path, Terminal(io.StringIO()))

    assert status == 3
    assert "not judged within 900 s" in (tmp_path / "submissions.md").read_text()
