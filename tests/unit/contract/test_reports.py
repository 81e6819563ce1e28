"""The reports of a run: JSON, Markdown, HTML, JUnit XML, CTRF and the terminal."""

import io
import json
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator

from tests.contract.expected_failures import Replay
from tests.contract.options import Options
from tests.contract.reports import write
from tests.contract.reports.ctrf import ctrf
from tests.contract.reports.document import SCHEMA, document, suite
from tests.contract.reports.html import page
from tests.contract.reports.junit import junit
from tests.contract.reports.links import catalogue_link, chapter_link
from tests.contract.reports.markdown import markdown
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import Verdict

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))


def test_document_has_its_schema(run: dict[str, Any]) -> None:
    """The JSON report conforms to its published schema."""
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
    """The schema rejects values and keys that no report has."""
    *outer, last = place
    part: Any = run
    for key in outer:
        part = part[key]
    part[last] = value

    assert not VALIDATOR.is_valid(run)


def test_document(run: dict[str, Any]) -> None:
    """The report has the status, the target, the counts and each behaviour."""
    assert (run["status"], run["seconds"], run["level"]) == (3, 12.35, "MUST")
    assert run["outcome"] == "broken"
    assert run["levels"]["SHOULD"]["broken"] == 1
    assert run["target"]["versions"] == {"Flask": "3.1.3"}
    assert [row["id"] for row in run["behaviours"]][1] == "errors.404-page"
    assert [row["cause"] for row in run["behaviours"]][:2] == ["", "No handler."]


def test_document_of_a_closed_target(verdicts: list[Verdict]) -> None:
    """A report on a target that nobody can sign in to has verdicts and no findings."""
    options = Options(Path("/blog"), "python3", app="x")

    report = document(options, None, verdicts, 1, status=1)

    assert report["target"] == {
        **{"folder": "/blog", "app": "x", "versions": {}, "found": {}},
        "packages": {},
    }


def test_root_causes(run: dict[str, Any]) -> None:
    """Each root cause has its line, its failures and what they block."""
    assert run["root_causes"] == [
        {
            **{"id": "errors.404-page", "level": "MUST", "summary": "GET / raises <b>"},
            **{"file": "app/a_b.py", "line": 3, "source": "crash(<x>)"},
            "failed": ["errors.404-page", "errors.500-page"],
            "blocked": ["errors.404-back"],
        }
    ]
    assert [row["root_cause"] for row in run["behaviours"]] == [
        *("", "errors.404-page", "errors.404-page", "", "errors.404-page", "", "")
    ]


def test_root_cause_without_evidence() -> None:
    """The summary of a root cause without evidence is the actual result."""
    verdict = Verdict("log.file", "MUST", "failed", "It logs.", actual="No file.")

    run = document(Options(Path("/x"), "python"), None, [verdict], 1, status=1)

    [cause] = run["root_causes"]
    assert (cause["summary"], cause["file"]) == ("No file.", "")


def test_must_first() -> None:
    """MUST behaviours and their root causes come first."""
    verdicts = [
        Verdict("a.a", "SHOULD", "failed", ""),
        Verdict("a.b", "MUST", "failed", ""),
    ]

    run = document(Options(Path("/x"), "python"), None, verdicts, 1, status=1)

    assert [row["id"] for row in run["behaviours"]] == ["a.b", "a.a"]
    assert [cause["id"] for cause in run["root_causes"]] == ["a.b", "a.a"]


def test_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report has the suite's version and revision, or "" if they are unknown."""
    assert suite()["version"] != ""
    monkeypatch.setenv("PATH", "")  # no Git
    monkeypatch.setattr("tests.contract.reports.document.version", no_version)

    assert suite() == {"version": "", "revision": ""}


def no_version(name: str) -> str:
    """Raise the error for a package that is not installed."""
    raise PackageNotFoundError


def test_links(run: dict[str, Any]) -> None:
    """A behaviour links to its section of the chapter and to the catalogue."""
    rows = {row["id"]: row for row in run["behaviours"]}

    assert rows["errors.404-page"]["chapter"] == (
        "https://blog.miguelgrinberg.com/post/the-flask-mega-tutorial-part-vii-error-"
        "handling#:~:text=Custom%20Error%20Pages"
    )
    assert rows["log.file"]["chapter"].endswith("part-vii-error-handling")
    assert chapter_link("profile.page", "").endswith("vi-profile-page-and-avatars")
    assert rows["log.file"]["catalogue"].endswith(
        "/docs/behaviours.md#log:~:text=log.file"
    )


def test_link_to_a_published_catalogue() -> None:
    """In a GitHub action, the catalogue is that of the action's own repository."""
    environ = {"GITHUB_ACTION_REPOSITORY": "someone/microblog"}

    assert catalogue_link("log.file", environ) == (
        "https://github.com/someone/microblog/blob/main/docs/behaviours.md#log:~:text=log.file"
    )


def test_markdown(run: dict[str, Any]) -> None:
    """The Markdown report starts with the root causes and lists every behaviour."""
    text = markdown(run)

    assert text.startswith("# 2 MUST behaviours do not hold, from 1 root cause; 1 more")
    assert "\n## ❌ errors.404-page (MUST)\n" in text
    assert r"- **Seen** GET / raises &lt;b>." in text
    assert r"  <br>app/a\_b.py:3 crash(&lt;x>)" in text
    assert "- **Actual** &lt;script>" in text
    assert "- **Also fails** `errors.500-page`: It answers 200.\n" in text
    assert "- **Blocks** `errors.404-back`\n" in text
    assert r"It answers &lt;b>404&lt;/b> \| so." in text
    assert r"not offered: no \*mail\*" in text
    assert "*differs: b*" in text
    assert "| Flask | 3.1.3 |" in text
    assert "## ⚠️ debug.pin\n" in text
    assert "- **Not judged** KeyError: 'x'\n" in text
    assert (
        "MUST: 1 passed, 2 failed, 1 differs, 1 blocked, 1 not offered; SHOULD:" in text
    )


def test_reports_of_little() -> None:
    """Reports omit what is unknown about a failure."""
    verdict = Verdict("log.file", "MUST", "failed", "It logs.", actual="No file.")
    run = document(Options(Path("/x"), "python"), None, [verdict], 1, status=1)

    texts = [markdown(run), page(run), junit(run), terminal(run)]

    VALIDATOR.validate(run)
    assert all("No file." in text for text in texts)
    assert not any("Usual cause" in text or "Expected" in text for text in texts)


def test_known_state(run: dict[str, Any]) -> None:
    """An expected failure is marked in reports, and passes in JUnit XML and CTRF."""
    for row in run["behaviours"]:
        row["expected_failure"] = row["outcome"] == "failed"

    assert "## ❌ errors.404-page (MUST, expected)\n" in markdown(run)
    assert '<span class="level">expected</span>' in page(run)
    assert "errors.404-page fails (expected)\n" in terminal(run)
    assert "<failure" not in junit(run)
    assert ctrf(run)["results"]["summary"]["failed"] == 0


def test_replay(verdicts: list[Verdict]) -> None:
    """The reports of a replay list what is fixed and what is not."""
    replay = Replay(fixed=("log.level",), remaining=("errors.404-page",))
    options = Options(Path("/x"), "python")

    run = document(options, None, verdicts, 1, status=1, replay=replay)

    VALIDATOR.validate(json.loads(json.dumps(run)))
    assert "**Fixed:** `log.level`" in markdown(run)
    assert "**Not fixed:** `errors.404-page`" in markdown(run)
    assert "<dt>Fixed</dt><dd>log.level</dd>" in page(run)
    assert "\nFIXED log.level\nFAILED errors.404-page\n" in terminal(run)


def test_page(run: dict[str, Any]) -> None:
    """The HTML report starts with the root causes and escapes the target's texts."""
    soup = BeautifulSoup(page(run), "html.parser")

    assert soup.h1 is not None
    assert soup.h1.text.startswith("2 MUST behaviours do not hold, from 1 root cause")
    assert soup.find("script") is None
    [failed] = soup.select("article.failed")
    assert failed.find_previous("h2").text == "Root cause"  # type: ignore[union-attr]
    assert "<script>" in failed.text
    assert "app/a_b.py:3\ncrash(<x>)" in failed.text
    assert [row.text for row in soup.select("table.figures th")] == ["MUST", "SHOULD"]
    assert len(soup.select("table.rows tr")) == len(run["behaviours"])


def test_page_needs_nothing_else(run: dict[str, Any]) -> None:
    """The HTML report loads nothing, and its internal links have targets."""
    soup = BeautifulSoup(page(run), "html.parser")

    assert soup.select("[src], link, style[src]") == []
    links = {str(link["href"]) for link in soup.select("a")}
    anchors = {link[1:] for link in links if link.startswith("#")}
    assert anchors <= {str(tag["id"]) for tag in soup.select("[id]")}
    assert {row["catalogue"] for row in run["behaviours"]} <= links
    assert {row["chapter"] for row in run["behaviours"]} <= links


def test_junit(run: dict[str, Any]) -> None:
    """In JUnit XML, failures have evidence; blocked and not offered are skipped."""
    root = ElementTree.fromstring(junit(run))

    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "log.level": [],
        "errors.404-page": ["failure"],
        "errors.500-page": ["failure"],
        "log.file": ["system-out"],
        "errors.404-back": ["skipped"],
        "mail.starttls": ["skipped"],
        "debug.pin": ["error"],
    }
    failure = cases["errors.404-page"][0]
    assert failure.attrib["message"] == "<script>"
    assert "    app/a_b.py:3  crash(<x>)\n" in str(failure.text)
    [errors] = [one for one in root if one.attrib["name"] == "errors"]
    assert {name: errors.attrib[name] for name in ("tests", "failures", "skipped")} == {
        **{"tests": "3", "failures": "2", "skipped": "1"}
    }


def test_junit_of_any_text() -> None:
    """Characters that XML does not allow are replaced."""
    verdict = Verdict("log.file", "MUST", "failed", "It logs.", actual="a\x1b\0b")
    run = document(Options(Path("/x\0"), "python"), None, [verdict], 1, status=1)

    root = ElementTree.fromstring(junit(run))

    assert [one.attrib["message"] for one in root.iter("failure")] == ["a??b"]


#: The published schema of the format, reduced to the parts that we write.
CTRF = {
    "type": "object",
    "required": ["results", "reportFormat", "specVersion"],
    "properties": {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "results": {
            "required": ["tool", "summary", "tests"],
            "properties": {
                "summary": {
                    "required": [
                        *("tests", "passed", "failed", "skipped", "pending", "other"),
                        *("start", "stop"),
                    ],
                    "additionalProperties": {"type": "integer"},
                },
                "tests": {
                    "items": {
                        "required": ["name", "status", "duration"],
                        "properties": {
                            "status": {
                                "enum": [
                                    *("passed", "failed", "skipped"),
                                    *("pending", "other"),
                                ]
                            },
                            "duration": {"type": "integer"},
                            "suite": {"type": "array", "minItems": 1},
                        },
                    }
                },
            },
        },
    },
}


def test_ctrf(run: dict[str, Any]) -> None:
    """In the Common Test Report Format, each behaviour is a test."""
    report = ctrf(run)

    Draft202012Validator(CTRF).validate(report)
    tests = {test["name"]: test for test in report["results"]["tests"]}
    assert {name: test["status"] for name, test in tests.items()} == {
        "log.level": "passed",
        "errors.404-page": "failed",
        "errors.500-page": "failed",
        "log.file": "passed",
        "errors.404-back": "skipped",
        "mail.starttls": "skipped",
        "debug.pin": "other",
    }
    assert tests["errors.404-page"]["message"] == "<script>"
    assert "app/a_b.py:3" in tests["errors.404-page"]["trace"]
    summary = report["results"]["summary"]
    assert summary["stop"] - summary["start"] == 12350


@pytest.mark.parametrize(
    ("status", "headline"),
    [(2, "The target cannot be judged"), (3, "The harness itself failed")],
)
def test_problem(status: int, headline: str) -> None:
    """Reports of a run that failed state the reason."""
    options = Options(Path("/blog"), "python3")

    run = document(options, None, [], 1, status=status, problem="It <hangs>.")

    VALIDATOR.validate(run)
    assert run["headline"] == headline
    assert f"# {headline}\n" in markdown(run)
    assert "    It <hangs>.\n" in markdown(run)
    assert "It &lt;hangs&gt;." in page(run)
    assert ElementTree.fromstring(junit(run))[0][0][0].text == "It <hangs>."
    [test] = ctrf(run)["results"]["tests"]
    assert (test["rawStatus"], test["trace"]) == (run["outcome"], "It <hangs>.")


def test_files(run: dict[str, Any], tmp_path: Path) -> None:
    """Five report files are written to a new folder."""
    written = write(run, tmp_path / "new" / "report")

    assert [path.name for path in written] == [
        *("behaviours.json", "behaviours.md", "behaviours.html"),
        *("behaviours.xml", "behaviours.ctrf.json"),
    ]
    assert json.loads(written[0].read_text()) == run


def test_nowhere_to_write(run: dict[str, Any], tmp_path: Path) -> None:
    """A report folder that cannot be created is an error with a message."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotBeJudged, match="cannot be written"):
        write(run, tmp_path / "file")


def terminal(run: dict[str, Any]) -> str:
    """Return the terminal's report of a run."""
    stream = io.StringIO()
    Terminal(stream).report(run)
    return stream.getvalue()


def test_terminal(run: dict[str, Any]) -> None:
    """The terminal report starts with the evidence and ends with the headline."""
    text = terminal(run)

    assert "  errors        2 failed, 1 blocked\n" in text
    assert "\nROOT CAUSE 1 of 1 (MUST): errors.404-page fails\n" in text
    assert (
        "  Seen          GET / raises <b>.\n"
        "                app/a_b.py:3  crash(<x>)\n"
        "  Requirement   It answers <b>404</b> | so.\n"
        "  Expected      404\n"
        "  Actual        <script>\n"
        "  Usual cause   No handler.\n"
    ) in text
    assert "  Also fails    errors.500-page\n" in text
    assert "  Blocks        errors.404-back\n" in text
    assert "  mail.starttls\n                no *mail*\n" in text
    figures, _, headline = text.partition("SHOULD 1 broken\n")
    assert figures.endswith(
        "MUST   1 passed, 2 failed, 1 differs, 1 blocked, 1 not offered\n"
    )
    assert " ".join(headline.split()) == f"{run['headline']}. It took 12 s."
    assert "\x1b" not in text


def test_terminal_is_narrow(run: dict[str, Any]) -> None:
    """Long texts are wrapped at 88 columns, but addresses are not."""
    run["behaviours"][1]["actual"] = "word " * 40
    stream = io.StringIO()
    Terminal(stream).pairs("Found", [("log", "word " * 30), ("mail", "")])

    lines = f"{stream.getvalue()}{terminal(run)}".splitlines()

    assert "  mail" in lines
    assert {len(line) <= 88 or "https://" in line for line in lines} == {True}


def test_terminal_lists_behaviours(verdicts: list[Verdict]) -> None:
    """A behaviour is listed with its level and sentence."""
    stream = io.StringIO()

    Terminal(stream).behaviours(verdicts[:1])

    assert stream.getvalue() == "log.level (MUST)\n    It logs.\n"


class Screen(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Return True, as a terminal does."""
        return True


def test_terminal_with_colours(run: dict[str, Any]) -> None:
    """On a terminal, root causes are red."""
    stream = Screen()

    Terminal(stream).report(run)

    assert "\x1b[31mROOT CAUSE 1 of 1 (MUST): errors.404-page" in stream.getvalue()


def test_progress_on_a_screen() -> None:
    """On a screen the progress stays on one line, which the next text replaces."""
    stream = Screen()
    screen = Terminal(stream)

    screen.progress(1, 9, "log.file")
    screen.progress(2, 9, "log.level")
    screen.line("Verdicts")
    screen.line("end")

    assert stream.getvalue() == (
        "  1 of 9, log.file\r\x1b[K  2 of 9, log.level\r\x1b[KVerdicts\nend\n"
    )


def test_progress_in_a_log() -> None:
    """In a log each behaviour that is begun is a plain line."""
    stream = io.StringIO()

    Terminal(stream).progress(3, 9, "log.file")

    assert stream.getvalue() == "  3 of 9, log.file\n"
