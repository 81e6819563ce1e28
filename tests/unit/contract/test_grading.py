"""Grades: the points, and the files of the services that collect them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contract.__main__ import Run, main
from tests.contract.grading import (
    EXAMPLE,
    Grade,
    Weights,
    grade,
    read_weights,
)
from tests.contract.options import parse
from tests.contract.reports.grades import SERVICES, write_badge, write_grade
from tests.contract.target_errors import CannotBeJudged, OutsideTarget
from tests.contract.verdicts import FAILED, Verdict

SCHEMAS = Path(__file__).with_name("schemas")
#: What Classroom 50's runner sets.
CLASSROOM = {
    "CLASSROOM": "cs50",
    "ASSIGNMENT": "microblog",
    "SUBMISSION_TAG": "submit/2026-11-27T05-00-00Z-abc1234",
    "COMMIT_URL": "https://github.com/a/b/commit/abc",
    "RELEASE_URL": "https://github.com/a/b/releases/tag/x",
}


def validated(schema: str, path: Path) -> Any:
    """Return the content of a file that matches a schema."""
    content = json.loads(path.read_text("utf-8"))
    rules = json.loads((SCHEMAS / f"{schema}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(rules)
    Draft202012Validator(rules).validate(content)
    return content


def failing(passed: int, total: int) -> Verdict:
    """Return a failure of which some tests pass."""
    return Verdict(
        *("mail.starttls", "MUST", FAILED, "It mails."),
        actual="It does not.",
        tests=total,
        tests_passed=passed,
    )


@pytest.mark.parametrize(
    ("points", "worth"),
    [
        ({}, 1),
        ({"default": 3}, 3),
        ({"default": 3, "mail": 0}, 0),
        ({"mail": 2, "mail.starttls": 5}, 5),
    ],
)
def test_points(points: dict[str, int], worth: int) -> None:
    """A behaviour has points of its own, of its area, or the default."""
    assert Weights(points).of("mail.starttls") == worth


@pytest.mark.parametrize(
    ("passed", "total", "score"), [(0, 3, 0), (1, 3, 3.33), (0, 0, 0)]
)
def test_partial_credit(passed: int, total: int, score: float) -> None:
    """A behaviour that fails earns by the share of its tests which pass."""
    given = grade([failing(passed, total)], Weights({"mail": 10}))

    assert (given.score, given.max_score) == (score, 10)


def test_credit_of_outcomes(verdicts: list[Verdict]) -> None:
    """Each outcome earns its share, and what is worth nothing is left out."""
    weights = Weights({"default": 2, "debug": 0}, {"blocked": 0.5})

    given = grade(verdicts, weights)

    assert {mark.verdict.identity: mark.score for mark in given.marks} == {
        **{"log.level": 2, "errors.404-page": 0, "errors.500-page": 0, "log.file": 2},
        **{"errors.404-back": 1, "mail.starttls": 0},
    }


def test_what_could_not_be_judged(verdicts: list[Verdict]) -> None:
    """A behaviour that the harness could not judge costs the author nothing."""
    [broken] = [one for one in verdicts if one.outcome == "broken"]

    assert grade([broken], Weights()).score == 1


def test_example_of_weights() -> None:
    """The example can be read, and names a behaviour, an area and each outcome."""
    weights = read_weights(EXAMPLE)

    assert weights.of("edit-profile.taken-name") == 10
    assert weights.of("mail.starttls") == 2
    assert parse(["x"]).weights == weights


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[points]\nmaill = 1\n", "have maill. [points] takes"),
        ("[points]\nmail = -1\n", "have mail = -1."),
        ("[points]\nmail = true\n", "have mail = True."),
        ("[credit]\nblocked = 2\n", "have blocked = 2."),
        ("[credit]\nlate = 1\n", "have late = 1."),
        ("[grades]\n", "have table grades."),
        ("[points", "cannot be read"),
    ],
)
def test_wrong_weights(tmp_path: Path, text: str, said: str) -> None:
    """Weights that cannot be used are refused with what is wrong in them."""
    path = tmp_path / "weights.toml"
    path.write_text(text)

    with pytest.raises(CannotBeJudged) as raised:
        read_weights(path)

    assert said in str(raised.value)


@pytest.fixture
def given(verdicts: list[Verdict]) -> Grade:
    """A grade with each outcome, and with partial credit."""
    verdicts[1] = replace(verdicts[1], tests=4, tests_passed=3)
    return grade(verdicts, Weights({"errors.404-page": 10}))


@pytest.mark.parametrize("environ", [CLASSROOM, {}], ids=["runner", "by-hand"])
def test_classroom50(
    tmp_path: Path, given: Grade, run: Any, environ: dict[str, str]
) -> None:
    """Classroom 50 gets whole points, and what its runner says of the submission."""
    path = write_grade("classroom50", given, run, tmp_path, environ)

    result = validated("classroom50", path)
    assert path.name == "result.json"
    assert (result["score"], result["max-score"]) == (10, 16)
    assert result["score"] == sum(test["score"] for test in result["tests"])
    assert result["classroom"] == environ.get("CLASSROOM", "unknown")
    assert "Actual: <script>" in result["tests"][1]["message"]


def test_gradescope(tmp_path: Path, given: Grade, run: Any) -> None:
    """Gradescope gets fractions of points, and what was seen of each failure."""
    result = validated(
        "gradescope", write_grade("gradescope", given, run, tmp_path / "new", {})
    )

    assert result["score"] == 10.5
    assert result["output"] == f"{run['headline']}."
    tests = {test["name"]: test for test in result["tests"]}
    assert tests["errors.404-page"]["output"] == (
        "It answers <b>404</b> | so.\nExpected: 404\nActual: <script>\n"
        "Seen: GET / raises <b> (app/a_b.py:3)"
    )
    assert tests["log.level"]["status"] == "passed"
    assert tests["mail.starttls"]["output"] == "It mails.\nnot offered: no *mail*"


def test_exercism(tmp_path: Path, given: Grade, run: Any) -> None:
    """Exercism gets a status for each behaviour, with a message if it is not held."""
    result = validated("exercism", write_grade("exercism", given, run, tmp_path, {}))

    assert result["status"] == "fail"
    assert {test["name"]: test["status"] for test in result["tests"]} == {
        **{"log.level": "pass", "errors.404-page": "fail", "errors.500-page": "fail"},
        **{"log.file": "pass", "errors.404-back": "fail", "mail.starttls": "fail"},
        **{"debug.pin": "error"},
    }


def test_exercism_of_all_that_holds(
    tmp_path: Path, run: Any, verdicts: list[Verdict]
) -> None:
    """Exercism's status is that all hold only if they do."""
    held = grade(verdicts[:1], Weights())

    assert (
        validated("exercism", write_grade("exercism", held, run, tmp_path, {}))[
            "status"
        ]
        == "pass"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_target_that_does_not_start(
    tmp_path: Path, service: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target that cannot be judged earns nothing, and the grading has succeeded."""

    def judge(run: Run, scratch: Path) -> None:
        raise CannotBeJudged("It hangs.")

    arguments = ["/blog", "--behaviour", "log.fo", "--report", str(tmp_path)]
    status = main([*arguments, "--grade", service], judge)

    assert status == 0
    assert "Grade: 0 of 2 points, in " in capsys.readouterr().out
    result = validated(service, tmp_path / SERVICES[service][0])
    assert "It hangs." in json.dumps(result) or result["max-score"] == 2
    report = json.loads((tmp_path / "behaviours.json").read_text())
    assert (report["status"], report["grade"]["max_score"]) == (2, 2)


def test_graded(
    tmp_path: Path, verdicts: list[Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a folder for reports the grade is written to the current one."""

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = verdicts

    monkeypatch.chdir(tmp_path)

    assert main(["/blog", "--grade", "gradescope"], judge) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("error", "status"), [(OutsideTarget("No network."), 2), (KeyError("x"), 3)]
)
def test_no_grade(tmp_path: Path, error: Exception, status: int) -> None:
    """What is not the author's fault gets no grade, and an exit status of its own."""

    def judge(run: Run, scratch: Path) -> None:
        raise error

    arguments = ["/blog", "--grade", "gradescope", "--report", str(tmp_path)]

    assert main(arguments, judge) == status
    assert not (tmp_path / "results.json").exists()


def test_unwritable_grade(tmp_path: Path, given: Grade, run: Any) -> None:
    """A grade that cannot be written is reported in one line."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotBeJudged, match="cannot be written"):
        write_grade("gradescope", given, run, tmp_path / "file", {})


@pytest.mark.parametrize(
    ("status", "problem", "message", "color"),
    [
        (0, "", "2 of 6 hold", "brightgreen"),
        (1, "", "2 of 6 hold", "red"),
        (2, "It hangs.", "cannot be judged", "lightgrey"),
    ],
)
def test_badge(
    tmp_path: Path, run: Any, status: int, problem: str, message: str, color: str
) -> None:
    """The badge shows how many behaviours hold, in the colour of the verdict."""
    run |= {"status": status, "problem": problem, "outcome": "cannot be judged"}

    badge = validated("shields", write_badge(run, tmp_path / "badge.json"))

    assert (badge["message"], badge["color"]) == (message, color)


def test_badge_of_a_run(tmp_path: Path, verdicts: list[Verdict]) -> None:
    """The command writes the badge where it is asked for."""

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = [*verdicts[:2], *verdicts[3:4]]

    badge = tmp_path / "badge.json"

    assert main(["/blog", "--badge", str(badge)], judge) == 1
    assert validated("shields", badge)["color"] == "orange"
