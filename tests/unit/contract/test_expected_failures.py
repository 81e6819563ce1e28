"""Baselines of expected failures, and replays of an earlier report."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.expected_failures import (
    Replay,
    mark_expected,
    read_expected,
    read_report,
    stale_entries,
    write_expected,
)
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import Verdict


def test_round_trip(tmp_path: Path, verdicts: list[Verdict]) -> None:
    """A baseline lists the failures, and reading it returns the same ids."""
    path = tmp_path / "known.txt"

    write_expected(path, verdicts)

    assert "\nerrors.404-page  # <script>\n" in path.read_text()
    assert read_expected(path) == {"errors.404-page", "errors.500-page"}


def test_comments(tmp_path: Path) -> None:
    """Comments and empty lines in a baseline are ignored."""
    path = tmp_path / "known.txt"
    path.write_text("# why\n\n  log.file # since May\nstart.plain\n")

    assert read_expected(path) == {"log.file", "start.plain"}


def test_unknown_id(tmp_path: Path) -> None:
    """An unknown id in a baseline is an error."""
    path = tmp_path / "known.txt"
    path.write_text("log.fiel\nlog.file\n")

    with pytest.raises(CannotBeJudged, match=r"lists unknown behaviours: log\.fiel\."):
        read_expected(path)


def test_nothing_to_read(tmp_path: Path) -> None:
    """A missing baseline is an error."""
    with pytest.raises(CannotBeJudged, match="cannot be read"):
        read_expected(tmp_path / "known.txt")


def test_nowhere_to_write(tmp_path: Path) -> None:
    """A baseline that cannot be written is an error."""
    with pytest.raises(CannotBeJudged, match="cannot be written"):
        write_expected(tmp_path, [])


def test_expected(verdicts: list[Verdict]) -> None:
    """A listed failure is expected; a listed behaviour that holds is stale."""
    expected = {"errors.404-page", "log.level", "log.file", "errors.404-back"}

    marked = mark_expected(verdicts, expected)

    assert [one.identity for one in marked if one.expected_failure] == [
        "errors.404-page"
    ]
    assert stale_entries(marked, expected) == ("log.level", "log.file")


def test_replay(verdicts: list[Verdict]) -> None:
    """In a replay, behaviours that hold are fixed, and all others remain."""
    replay = Replay.of(verdicts)

    assert replay.fixed == ("log.level", "log.file")
    assert "errors.404-page" in replay.remaining
    assert "mail.starttls" in replay.remaining


@pytest.mark.parametrize("folder", [True, False], ids=["folder", "file"])
def test_report(tmp_path: Path, run: dict[str, Any], folder: bool) -> None:
    """A replay reads the target, the level and the failures from a report."""
    file = tmp_path / "behaviours.json"
    file.write_text(json.dumps(run))

    report = read_report(tmp_path if folder else file)

    assert (report.folder, report.level) == (Path("/blog"), "MUST")
    assert report.failures == {
        *("errors.404-page", "errors.500-page", "errors.404-back", "debug.pin")
    }


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_no_report(tmp_path: Path, text: str) -> None:
    """A file that is not a report is refused."""
    (tmp_path / "behaviours.json").write_text(text)

    with pytest.raises(CannotBeJudged, match="is not a report"):
        read_report(tmp_path)


def test_nothing_failed(tmp_path: Path, run: dict[str, Any]) -> None:
    """A report without failures cannot be replayed."""
    run["behaviours"] = run["behaviours"][:1]
    (tmp_path / "behaviours.json").write_text(json.dumps(run))

    with pytest.raises(CannotBeJudged, match="nothing to replay"):
        read_report(tmp_path)
