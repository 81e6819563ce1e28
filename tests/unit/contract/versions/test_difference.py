"""The difference between two reports."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.__main__ import main
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import Difference, difference, read

Run = dict[str, Any]


@pytest.fixture
def new(run: Run) -> Run:
    """A second run with the same verdicts."""
    return copy.deepcopy(run)


def row(run: Run, identity: str) -> Any:
    """Return the row of a behaviour."""
    return next(one for one in run["behaviours"] if one["id"] == identity)


def ids(found: Difference) -> dict[str, list[str]]:
    """Return the ids of the behaviours of each kind of change."""
    return {
        kind: [one.id for one in rows] for kind, rows in found.changes.items() if rows
    }


def test_equal_runs(run: Run, new: Run) -> None:
    """Two runs with the same verdicts do not differ."""
    found = difference(run, new)

    assert ids(found) == {}
    assert found.status == 0
    assert found.headline == "No behaviour changed; no package changed"


@pytest.mark.parametrize("outcome", ["failed", "blocked", "not offered"])
def test_broken(run: Run, new: Run, outcome: str) -> None:
    """A behaviour that held and does not hold any more is broken, however it ends."""
    row(new, "log.level").update(outcome=outcome, reason="It is off.")

    found = difference(run, new)

    assert ids(found) == {"broken": ["log.level"]}
    assert (found.status, found.changes["broken"][0].reason) == (1, "It is off.")


def test_fixed(run: Run, new: Run) -> None:
    """A behaviour that holds again is fixed; the reason is that of the failure."""
    row(new, "errors.404-page").update(outcome="passed")

    found = difference(run, new)

    assert ids(found) == {"fixed": ["errors.404-page"]}
    assert (found.status, found.changes["fixed"][0].reason) == (0, "<script>")


def test_another_wording(run: Run, new: Run) -> None:
    """A behaviour that differs in wording holds."""
    row(new, "log.level").update(outcome="differs")

    assert ids(difference(run, new)) == {}


def test_new_and_gone(run: Run, new: Run) -> None:
    """A behaviour that only one of the reports has is new or gone."""
    del run["behaviours"][0], new["behaviours"][1]

    found = difference(run, new)

    assert ids(found) == {"new": ["log.level"], "gone": ["errors.404-page"]}
    assert found.status == 0


def test_flaky(run: Run, new: Run) -> None:
    """A behaviour whose outcome changed when it was judged again is not broken."""
    row(new, "log.level").update(outcome="failed", again=["passed"])
    row(new, "log.file")["again"] = ["passed"]  # it differed in wording

    found = difference(run, new)

    assert ids(found) == {"flaky": ["log.level"]}
    assert found.headline == "1 flaky; no package changed"


def test_target_that_does_not_start(run: Run, new: Run) -> None:
    """A target that cannot be judged does not start; nothing else of it is gone."""
    new.update(status=2, problem="It hangs.", behaviours=[])
    run["behaviours"].append({**row(run, "log.level"), "id": "start.plain"})

    found = difference(run, new)

    assert ids(found) == {"broken": ["start.plain"]}
    assert found.changes["broken"][0].reason == "It hangs."
    assert ids(difference(new, run)) == {"fixed": ["start.plain"]}


def test_packages(run: Run, new: Run) -> None:
    """Packages and the interpreter are compared by version."""
    run["target"].update(packages={"flask": "3.0", "wtforms": "3.2"})
    new["target"].update(packages={"flask": "3.1", "click": "8"})
    run["target"]["versions"] = {"Python": "3.11.7"}
    new["target"]["versions"] = {"Python": "3.12.1"}

    found = difference(run, new)

    assert list(map(str, found.packages)) == [
        "click none -> 8",
        "flask 3.0 -> 3.1",
        "python 3.11.7 -> 3.12.1",
        "wtforms 3.2 -> none",
    ]
    assert found.headline == "No behaviour changed; 4 packages changed"


def test_packages_of_an_older_report(run: Run, new: Run) -> None:
    """A report that lists no packages has the versions of the main ones."""
    del run["target"]["packages"]
    run["target"]["versions"] = {"Flask-Login": "0.6.2"}
    new["target"]["packages"] = {"flask-login": "0.6.3"}

    assert list(map(str, difference(run, new).packages)) == [
        "flask-login 0.6.2 -> 0.6.3"
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"behaviours": [1]}'])
def test_not_a_report(tmp_path: Path, text: str) -> None:
    """Files that are not reports cannot be compared."""
    (tmp_path / "behaviours.json").write_text(text)

    with pytest.raises(CannotBeJudged, match=r"behaviours\.json is not a report"):
        read(tmp_path)


def test_command(
    tmp_path: Path,
    run: Run,
    new: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command prints and writes the difference; 1 means that something broke."""
    row(new, "log.level").update(outcome="failed", actual="It is <b>off</b>.\nNow.")
    new["target"]["packages"] = {"flask": "3.2.0"}
    (tmp_path / "behaviours.json").write_text(json.dumps(run))
    (tmp_path / "new.json").write_text(json.dumps(new))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    report = tmp_path / "report"
    status = main(
        ["diff", str(tmp_path), str(tmp_path / "new.json"), "--report", str(report)]
    )

    assert status == 1
    printed = capsys.readouterr().out
    assert "Broken (1)\n  log.level (MUST): passed -> failed\n" in printed
    assert "      It is <b>off</b>.\n      Now.\n" in printed
    assert "  flask 3.1.3 -> 3.2.0\n\n1 broken; 1 package changed.\n" in printed
    data = json.loads((report / "difference.json").read_text())
    assert data["broken"][0]["id"] == "log.level"
    assert data["status"] == 1
    markdown = (report / "difference.md").read_text()
    assert "| `log.level` | MUST | passed -> failed | It is &lt;b>off" in markdown
    assert (tmp_path / "summary.md").read_text() == markdown
    assert "It is &lt;b&gt;off" in (report / "difference.html").read_text()


def test_equal_reports(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, and nothing listed, for two equal reports."""
    path = tmp_path / "behaviours.json"
    path.write_text(json.dumps(run))

    assert main(["diff", str(path), str(path)]) == 0
    assert "Packages that changed" not in capsys.readouterr().out


def test_unwritable(
    tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """A difference that cannot be written ends the command with one message."""
    path = tmp_path / "behaviours.json"
    path.write_text(json.dumps(run))

    assert main(["diff", str(path), str(path), "--report", str(path)]) == 2
    assert "The difference cannot be written to" in capsys.readouterr().err
