"""Judging many submissions: their folders, arguments and summary."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from tests.contract import submissions
from tests.contract.__main__ import main
from tests.contract.options import parse
from tests.contract.reports.submissions import (
    causes,
    lines,
    markdown,
    page,
    summaries,
    table,
)
from tests.contract.reports.terminal import Terminal
from tests.contract.submissions import (
    clone,
    judge_one,
    judge_submissions,
    submissions_in,
    unique_names,
)
from tests.contract.target_errors import CannotBeJudged


def report(*failed: str, status: int = 0, headline: str = "All hold") -> dict[str, Any]:
    """Return the report of a run in which these behaviours fail."""
    ids = ("mail.error-is-mailed", "log.file", "log.level")
    outcomes = {one: "failed" if one in failed else "passed" for one in ids}
    outcomes["log.stdout"] = "not offered"
    return {
        "status": status,
        "outcome": "failed" if failed else "held",
        "headline": headline,
        "problem": "",
        "grade": None,
        "counts": {"passed": 3 - len(failed), "failed": len(failed)},
        "seconds": 7.4,
        "behaviours": [
            {"id": one, "outcome": outcome, "statement": f"The {one} | <b>."}
            for one, outcome in outcomes.items()
        ],
        "root_causes": [
            {"summary": f"{one} is <missing>", "file": "app.py", "line": 3}
            for one in failed
        ],
    }


JUDGED = {
    "anna": report(),
    "bob": report("log.file", "log.level", status=1, headline="2 do not hold"),
    "c|<d>": report("log.file", status=1, headline="1 does not hold"),
}


def test_folder_of_submissions(tmp_path: Path) -> None:
    """Each subfolder is a submission, except hidden ones and caches."""
    for name in ("bob", "anna", ".git", "__pycache__"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").touch()

    assert [path.name for path in submissions_in(tmp_path)] == ["anna", "bob"]


def test_folder_without_submissions(tmp_path: Path) -> None:
    """A folder of submissions without subfolders is refused with one line."""
    with pytest.raises(CannotBeJudged, match=r"no folder in it\. Unpack the"):
        submissions_in(tmp_path)


def test_folder_that_is_missing(tmp_path: Path) -> None:
    """A folder of submissions that does not exist is refused with one line."""
    with pytest.raises(CannotBeJudged, match=r"No such file or directory\. Name a"):
        submissions_in(tmp_path / "x")


def test_names_of_submissions() -> None:
    """Submissions with the same folder name get numbers."""
    submissions = [
        *("a/blog", "b/blog/", "c/mine", "git+https://example.org/anna/blog.git@v1"),
        "git+ssh://git@example.org:bob/blog",
    ]

    assert unique_names(submissions) == [
        *("blog-1", "blog-2", "mine", "anna-blog", "bob-blog")
    ]


def test_arguments_of_each_submission(tmp_path: Path) -> None:
    """Options that are not about the set of submissions apply to each of them."""
    (tmp_path / "anna").mkdir()

    options = parse(
        [
            *("x/", "y", "--all", str(tmp_path), "--level", "should"),
            *("--report", "r", "--behaviour=mail", "--badge", "b"),
        ]
    )

    assert options.submissions == ("x/", "y", str(tmp_path / "anna"))
    assert options.others == ("--level", "should", "--behaviour=mail")


def test_arguments_with_equals_signs(tmp_path: Path) -> None:
    """An option for the set of submissions may be written with an equals sign."""
    (tmp_path / "anna").mkdir()

    options = parse([f"--all={tmp_path}", "--report=r"])

    assert options.submissions == (str(tmp_path / "anna"),)
    assert options.others == ()


def test_one_repository() -> None:
    """The URL of a repository is a submission, even a single one."""
    options = parse(["git+file:///srv/blog"])

    assert options.submissions == ("git+file:///srv/blog",)
    assert parse(["/srv/blog"]).submissions == ()


def test_table() -> None:
    """The table has the counts by area, the time and the root causes."""
    header, anna, bob, _ = table(JUDGED)

    assert header == [
        *("submission", "outcome", "mail", "log"),
        *("passed", "failed", "blocked", "seconds", "root causes"),
    ]
    assert anna == ["anna", "held", "1/1", "2/2", "3", "0", "0", "7", ""]
    assert bob[3] == "0/2"
    assert bob[-1] == (
        "log.file is <missing> (app.py:3); log.level is <missing> (app.py:3)"
    )


def test_points_in_the_table() -> None:
    """The table has the points of graded submissions."""
    graded = report() | {"grade": {"score": 7.5, "max_score": 9}}

    header, *rows = table({"anna": graded, "bob": report()})

    assert header[2] == "points"
    assert [row[2] for row in rows] == ["7.5/9", ""]


def test_causes() -> None:
    """Only the first root causes are listed; a problem is shown with its advice."""
    many = report()
    many["root_causes"] = [{"summary": f"c{one}", "file": ""} for one in range(5)]
    hangs = report() | {"problem": "It hangs.\nLast output:\n  x\nTry this."}

    assert causes(many) == ["c0", "c1", "c2", "and 2 more"]
    assert causes(hangs) == ["It hangs. Try this."]
    assert causes(report() | {"problem": "It hangs."}) == ["It hangs."]


def test_summary_in_markdown() -> None:
    """The summary starts with the most missed behaviours and escapes names."""
    shown = markdown(JUDGED).splitlines()

    assert shown[2] == "| most missed | behaviour | submissions |"
    assert shown[4] == r"| `log.file` | The log.file \| &lt;b>. | 2 of 3 |"
    assert not any("`log.level`" in line for line in shown)
    assert shown[-1].startswith(r"| c\|&lt;d> | failed | 1/1 | 1/2 | 2 | 1 | 0 | 7 | ")


def test_summary_as_a_page() -> None:
    """The page escapes names, and links to each submission's own report."""
    soup = BeautifulSoup(page(JUDGED), "html.parser")

    assert [li.code.text for li in soup.select("ol li") if li.code] == ["log.file"]
    assert [str(link["href"]) for link in soup.select("tbody a")] == [
        *("anna/behaviours.html", "bob/behaviours.html"),
        "c%7C%3Cd%3E/behaviours.html",
    ]
    assert [cell.text for cell in soup.select("td.failed")] == ["0/2", "1/2"]
    assert soup.find("d") is None
    columns = [button.text for button in soup.select("thead button")]
    assert columns == table(JUDGED)[0][:-1]
    beneath = [[li.text for li in one.select(".causes li")] for one in soup("tbody")]
    assert beneath == [causes(report) for report in JUDGED.values()]
    assert soup.select("[src], link") == []


def test_summary_at_the_terminal() -> None:
    """The terminal lists the most missed behaviours and a narrow row per submission."""
    assert lines(JUDGED) == [
        "Most missed",
        "  2 of 3  log.file",
        "",
        "submission  outcome  passed  failed  blocked  seconds",
        "anna        held     3       0       0        7",
        "bob         failed   1       2       0        7",
        "c|<d>       failed   2       1       0        7",
    ]


def test_summary_as_data() -> None:
    """The CSV file has a row for each submission, and the JSON file its counts."""
    files = summaries({"anna": report()})

    [header, row] = csv.reader(io.StringIO(files["submissions.csv"]))
    assert dict(zip(header, row, strict=True))["log"] == "2/2"
    data = json.loads(files["submissions.json"])
    assert data["submissions"]["anna"]["areas"] == {"mail": [1, 1], "log": [2, 2]}
    assert data["most_missed"] == []
    assert "ost missed" not in files["submissions.md"] + files["submissions.html"]
    found = json.loads(summaries(JUDGED)["submissions.json"])["most_missed"]
    assert [one["submissions"] for one in found] == [["bob", "c|<d>"]]


def test_submissions_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each result is printed, then the summary; the worst status is returned."""
    given: list[tuple[str, ...]] = []

    def judge(submission: str, arguments: Any, _report: Path) -> Any:
        given.append(tuple(arguments))
        return JUDGED[submission]

    monkeypatch.setattr(submissions, "judge_one", judge)

    status = main(["anna", "bob", "--level", "should", "--report", str(tmp_path / "r")])

    printed = capsys.readouterr().out
    assert status == 1
    assert given == [("--level", "should")] * 2
    assert "of 2, bob: 2 do not hold." in printed
    assert "\nanna        held     3" in printed
    assert (tmp_path / "r" / "submissions.csv").exists()


def test_graded_submissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graded submissions end with status 0, whatever their grade."""
    graded = JUDGED["bob"] | {"grade": {"score": 0, "max_score": 9}}
    monkeypatch.setattr(submissions, "judge_one", lambda *_: graded)

    terminal = Terminal(io.StringIO())

    assert judge_submissions(["a", "b"], [], tmp_path, terminal) == 0


class Finished:
    """A finished process with the output that is read."""

    stdout = "first\nThe last line.\n"


def test_report_of_one_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each submission is judged by a process that writes its own report."""

    def run(command: list[str], **_options: Any) -> Finished:
        folder = Path(command[command.index("--report") + 1])
        (folder / "behaviours.json").write_text(json.dumps(report()))
        return Finished()

    monkeypatch.setattr(subprocess, "run", run)

    judged = judge_one("anna", ["--level", "should"], tmp_path / "anna")

    assert judged["outcome"] == "held"
    assert (tmp_path / "anna" / "output.txt").read_text() == Finished.stdout


@pytest.mark.parametrize(
    ("output", "headline"),
    [("first\nThe last line.\n", "The last line"), ("", "No output")],
    ids=["message", "silent"],
)
def test_submission_without_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, headline: str
) -> None:
    """The headline of a submission without a report is the last printed line."""
    monkeypatch.setattr(Finished, "stdout", output)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: Finished())
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "behaviours.json").write_text("of an earlier run")

    judged = judge_one("anna", [], tmp_path / "anna")

    assert (judged["status"], judged["headline"]) == (3, headline)
    assert headline in markdown({"anna": judged}).splitlines()[-1]


def test_submission_that_takes_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A submission that exceeds the time limit gets a row with that reason."""

    def run(command: list[str], **_options: Any) -> Finished:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)

    status = judge_submissions(["anna"], [], tmp_path, Terminal(io.StringIO()))

    assert status == 3
    assert "Not judged within 900 s" in (tmp_path / "submissions.md").read_text()


@pytest.fixture
def repository(tmp_path: Path) -> str:
    """The address of a repository with one file, on two branches."""
    folder = tmp_path / "anna" / "blog"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("first")
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    subprocess.run([*git, "tag", "v1"], check=True)
    (folder / "app.py").write_text("second")
    subprocess.run([*git, "commit", "-qam", "y"], check=True)
    return f"git+file://{folder}"


@pytest.mark.parametrize(("reference", "text"), [("", "second"), ("@v1", "first")])
def test_repository_is_cloned(
    tmp_path: Path, repository: str, reference: str, text: str
) -> None:
    """A repository is copied at its newest state, or at a branch or tag."""
    clone(f"{repository}{reference}", tmp_path / "copy")

    assert (tmp_path / "copy" / "app.py").read_text() == text


def test_repository_is_judged(
    tmp_path: Path, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository is judged in a copy that is removed afterwards."""
    seen: list[Path] = []

    def judge(folder: str, *_: Any) -> Any:
        seen.append(Path(folder))
        assert (Path(folder) / "app.py").exists()
        return JUDGED["anna"]

    monkeypatch.setattr(submissions, "judge_folder", judge)

    assert judge_one(repository, [], tmp_path / "anna-blog")["outcome"] == "held"
    assert not seen[0].exists()


def test_missing_repository(tmp_path: Path) -> None:
    """A repository that cannot be cloned gets a row with Git's reason."""
    judged = judge_one(f"git+file://{tmp_path}/none", [], tmp_path / "r")

    assert judged["status"] == 2
    assert judged["problem"].startswith(f"file://{tmp_path}/none cannot be cloned: ")


def test_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Git, a repository is refused with what is missing."""
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(CannotBeJudged, match="needs Git, which is not installed"):
        clone("git+https://example.org/a/b", tmp_path / "copy")


def test_repository_that_does_not_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone that exceeds the time limit is reported."""

    def run(command: list[str], **_options: Any) -> Finished:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(CannotBeJudged, match="was not cloned within 120 s"):
        clone("git+https://example.org/a/b", tmp_path / "copy")
