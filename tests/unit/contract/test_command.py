"""The command, from its arguments to its exit status."""

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract.__main__ import Run, blocked_by, main
from tests.contract.target_errors import CannotBeJudged, RegistrationFailed
from tests.contract.verdicts import Verdict


def report(folder: Path) -> Any:
    """Return the report that was written to a folder."""
    return json.loads((folder / "behaviours.json").read_text("utf-8"))


def test_status(tmp_path: Path, verdicts: list[Verdict]) -> None:
    """The judge gets a scratch folder, and its verdicts decide the exit status."""
    seen: list[Path] = []

    def judge(run: Run, scratch: Path) -> None:
        assert scratch.is_dir()
        assert run.options.folder == Path("/blog")
        run.verdicts = verdicts[:2]
        seen.append(scratch)

    assert main(["--target", "/blog", "--report", str(tmp_path / "report")], judge) == 1
    assert not seen[0].exists()
    assert report(tmp_path / "report")["status"] == 1


def test_without_a_report(
    verdicts: list[Verdict], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --report, a run whose behaviours hold ends with 0 and a summary."""

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = verdicts[:1]

    assert main(["--target", "/blog"], judge) == 0
    assert capsys.readouterr().out.endswith("All behaviours hold. It took 0 s.\n")


def test_cannot_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that cannot be judged gets one message, a report and status 2."""

    def judge(run: Run, scratch: Path) -> None:
        raise CannotBeJudged("It hangs.")

    assert main(["--target", "/blog", "--report", str(tmp_path)], judge) == 2
    assert capsys.readouterr().err == "\nThe target cannot be judged.\nIt hangs.\n"
    written = report(tmp_path)
    assert (written["outcome"], written["problem"]) == ("cannot be judged", "It hangs.")


def test_judged_in_part(
    tmp_path: Path, verdicts: list[Verdict], capsys: pytest.CaptureFixture[str]
) -> None:
    """If a target ends early, the verdicts up to then are reported."""

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts, run.problem = verdicts, "It ended."

    assert main(["--target", "/blog", "--report", str(tmp_path)], judge) == 2
    assert "errors.404-page fails" in capsys.readouterr().out
    assert len(report(tmp_path)["behaviours"]) == len(verdicts)


def test_unwritable_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that cannot be written ends the command with one message."""
    (tmp_path / "file").touch()

    def judge(run: Run, scratch: Path) -> None:
        pass

    assert main(["--target", "/x", "--report", str(tmp_path / "file")], judge) == 2
    assert "The reports cannot be written to" in capsys.readouterr().err


def test_in_the_background() -> None:
    """A command that was started with SIGINT ignored handles SIGINT again."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    restored: list[bool] = []

    def judge(run: Run, scratch: Path) -> None:
        restored.append(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    try:
        main(["--target", "/blog"], judge)
    finally:
        signal.signal(signal.SIGINT, before)
    assert restored == [True]


def test_bug_of_the_harness(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bug of the harness has its own exit status, and leaves a report."""

    def judge(run: Run, scratch: Path) -> None:
        raise KeyError("x")

    assert main(["--target", "/blog", "--report", str(tmp_path)], judge) == 3
    printed = capsys.readouterr().err
    assert printed.startswith(
        "\nThe harness itself failed.\nKeyError: 'x' (test_command"
    )
    assert report(tmp_path)["outcome"] == "broken"


def test_blocked_by_registration(verdicts: list[Verdict]) -> None:
    """If registration fails, it is the failure that blocks all other behaviours."""
    error = RegistrationFailed("accounts.register", "no user is stored")

    blocked, failed = blocked_by(error, verdicts[:1])

    assert (failed.outcome, failed.actual) == ("failed", "No user is stored.")
    assert "not committed" in failed.cause
    assert (blocked.outcome, blocked.blocked_by) == ("blocked", "accounts.register")


def test_known_state(tmp_path: Path, verdicts: list[Verdict]) -> None:
    """A recorded failure may fail again; one that holds now, or is new, is an error."""
    known = tmp_path / "known.txt"

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = verdicts[:3]

    target = ["--target", "/blog"]

    assert main([*target, "--write-baseline", str(known)], judge) == 0
    assert main([*target, "--expected-failures", str(known)], judge) == 0
    known.write_text(f"{known.read_text()}log.level\n")
    assert main([*target, "--expected-failures", str(known)], judge) == 1
    known.write_text("errors.404-page\n")
    assert main([*target, "--expected-failures", str(known)], judge) == 1


def test_no_baseline_of_a_problem(tmp_path: Path) -> None:
    """No baseline is written for a target that cannot be judged."""

    def judge(run: Run, scratch: Path) -> None:
        run.problem = "It hangs."

    known = tmp_path / "known.txt"

    assert main(["--target", "/blog", "--write-baseline", str(known)], judge) == 2
    assert not known.exists()


def test_replay(tmp_path: Path, run: Any, verdicts: list[Verdict], capsys: Any) -> None:
    """A replay lists the failures of an earlier report that are fixed."""
    (tmp_path / "behaviours.json").write_text(json.dumps(run))

    def judge(run: Run, scratch: Path) -> None:
        run.verdicts = [replace(verdicts[1], outcome="passed")]

    assert main(["--replay", str(tmp_path), "--report", str(tmp_path)], judge) == 0
    assert "\nFIXED errors.404-page\n" in capsys.readouterr().out
    assert report(tmp_path)["replay"]["fixed"] == ["errors.404-page"]


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """The behaviours can be listed without a target."""
    assert main(["--list", "--behaviour", "log.fo"]) == 0

    assert capsys.readouterr().out.startswith("log.format (MUST)\n    ")
