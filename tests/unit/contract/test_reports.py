"""The reports of a run: data, Markdown, a page, and the terminal."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator

from tests.contract.options import Options
from tests.contract.reports import add_to_step_summary, write
from tests.contract.reports.document import SCHEMA, document
from tests.contract.reports.html import page
from tests.contract.reports.markdown import markdown
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import Verdict

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def test_document_has_its_schema(run: dict[str, Any]) -> None:
    """The data is what its documented schema says."""
    VALIDATOR.validate(json.loads(json.dumps(run)))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("status",), 4),
        (("seconds",), -1),
        (("judged_at",), "today"),
        (("target", "folder"), None),
        (("counts", "passed"), 1.5),
        (("behaviours", 0, "id"), "no dot"),
        (("behaviours", 0, "outcome"), "skipped"),
        (("behaviours", 0, "more"), "x"),
    ],
)
def test_schema_is_strict(
    run: dict[str, Any], place: tuple[str | int, ...], value: object
) -> None:
    """Data that is not what the schema says is refused."""
    *outer, last = place
    part: Any = run
    for key in outer:
        part = part[key]
    part[last] = value

    assert not VALIDATOR.is_valid(run)


def test_document(run: dict[str, Any]) -> None:
    """The data tells the target, the figures and each behaviour."""
    assert (run["status"], run["seconds"], run["level"]) == (3, 12.35, "MUST")
    assert run["outcome"] == "broken"
    assert run["levels"]["SHOULD"]["broken"] == 1
    assert run["target"]["versions"] == {"Flask": "3.1.3"}
    assert [row["id"] for row in run["behaviours"]][1] == "errors.404-page"
    assert [row["cause"] for row in run["behaviours"]][:2] == ["", "No handler."]


def test_document_of_a_closed_target(verdicts: list[Verdict]) -> None:
    """Where nobody gets in, there are verdicts and no findings."""
    options = Options(Path("/blog"), "python3", app="x")

    told = document(options, None, verdicts, 1, status=1)

    assert told["target"] == {
        **{"folder": "/blog", "app": "x", "versions": {}, "found": {}},
    }


def test_markdown(run: dict[str, Any]) -> None:
    """The Markdown tells the failure in full and every behaviour in a row."""
    text = markdown(run)

    assert text.startswith("# 1 MUST behaviour does not hold; 1 more is blocked by")
    assert "- **Actual** &lt;script>" in text
    assert r"It answers &lt;b>404&lt;/b> \| so." in text
    assert r"not offered: no \*mail\*" in text
    assert "| Flask | 3.1.3 |" in text
    assert "## ⚠️ debug.pin\n" in text
    assert "- **Not judged** KeyError: 'x'\n" in text


def test_markdown_of_little(run: dict[str, Any]) -> None:
    """A failure without more words is told with those that there are."""
    for row in run["behaviours"]:
        row["expected"] = row["cause"] = ""

    assert "**Expected**" not in markdown(run)
    assert "**Usual cause**" not in markdown(run)


def test_page(run: dict[str, Any]) -> None:
    """The page shows the failure, and nothing of a target becomes HTML."""
    soup = BeautifulSoup(page(run), "html.parser")

    assert soup.h1 is not None
    assert soup.h1.text.endswith("the harness could not judge 1 SHOULD behaviour")
    assert soup.find("script") is None
    [failed] = soup.select("article.failed")
    assert "<script>" in failed.text
    assert len(soup.select("details tr")) == len(run["behaviours"])


def test_page_needs_nothing_else(run: dict[str, Any]) -> None:
    """The page loads nothing."""
    assert BeautifulSoup(page(run), "html.parser").select("[src], [href]") == []


@pytest.mark.parametrize(
    ("status", "headline"),
    [(2, "The target cannot be judged"), (3, "The harness itself failed")],
)
def test_problem(status: int, headline: str, verdicts: list[Verdict]) -> None:
    """A run that came to nothing leaves a report that says why."""
    options = Options(Path("/blog"), "python3")

    run = document(options, None, [], 1, status=status, problem="It <hangs>.")

    VALIDATOR.validate(run)
    assert run["headline"] == headline
    assert f"# {headline}\n" in markdown(run)
    assert "    It <hangs>.\n" in markdown(run)
    assert "It &lt;hangs&gt;." in page(run)


def test_files(run: dict[str, Any], tmp_path: Path) -> None:
    """Three files are written, to a folder that is made."""
    written = write(run, tmp_path / "new" / "report")

    assert [path.name for path in written] == [
        *("behaviours.json", "behaviours.md", "behaviours.html")
    ]
    assert json.loads(written[0].read_text()) == run


def test_nowhere_to_write(run: dict[str, Any], tmp_path: Path) -> None:
    """A place that cannot be written to is told in one line."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotBeJudged, match="cannot be written"):
        write(run, tmp_path / "file")


def test_step_summary(run: dict[str, Any], tmp_path: Path) -> None:
    """In a workflow the Markdown goes to the summary of the step."""
    summary = tmp_path / "summary.md"

    add_to_step_summary(run, {"GITHUB_STEP_SUMMARY": str(summary)})
    add_to_step_summary(run, {})

    assert summary.read_text() == markdown(run)


def test_terminal(verdicts: list[Verdict]) -> None:
    """The terminal names each failure by requirement, expected and actual."""
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.pairs("Found", [("log", "word " * 30), ("mail", "")])
    terminal.verdicts(verdicts, 61.7)

    text = stream.getvalue()

    assert "FAILED errors.404-page (MUST)\n  Requirement   It answers" in text
    assert "  Expected      404\n  Actual        <script>\n" in text
    assert "  mail.starttls\n    no *mail*\n" in text
    assert text.endswith(
        "MUST   1 passed, 1 failed, 1 differs, 1 blocked, 1 not offered\n"
        "SHOULD 1 broken\n"
        "1 MUST behaviour does not hold; 1 more is blocked by that; "
        "the harness could not judge 1 SHOULD behaviour, in 62 s.\n"
    )
    assert "\x1b" not in text
    assert max(map(len, text.splitlines()[:-1])) <= 88


class Screen(io.StringIO):
    """A stream that says that somebody looks at it."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_terminal_without_others(verdicts: list[Verdict]) -> None:
    """Where everything is offered and judged, there is no word of it."""
    stream = io.StringIO()

    Terminal(stream).others(verdicts[:2])

    assert stream.getvalue() == ""


def test_terminal_with_colours(verdicts: list[Verdict]) -> None:
    """Where somebody looks, failures are red."""
    stream = Screen()

    Terminal(stream).failures([*verdicts, Verdict("a.b", "MUST", "failed", "It.")])

    assert "\x1b[31mFAILED errors.404-page (MUST)\x1b[0m" in stream.getvalue()
