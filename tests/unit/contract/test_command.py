"""The command, from its arguments to its exit status."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract.__main__ import main, reported, shut_out
from tests.contract.options import Options
from tests.contract.terminal import Terminal
from tests.contract.unusable import NobodyGetsIn, Unusable
from tests.contract.verdicts import Verdict


def test_status(capsys: pytest.CaptureFixture[str]) -> None:
    """What judges gets a folder of its own that is gone afterwards."""
    seen: list[Path] = []

    def run(options: Options, scratch: Path, terminal: Terminal) -> int:
        assert scratch.is_dir()
        assert options.folder == Path("/blog")
        seen.append(scratch)
        return 1

    assert main(["--target", "/blog"], run) == 1
    assert not seen[0].exists()


def test_cannot_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be judged ends with one message on the standard error."""

    def run(options: Options, scratch: Path, terminal: Terminal) -> int:
        raise Unusable("It hangs.")

    assert main(["--target", "/blog"], run) == 2
    assert capsys.readouterr() == ("", "\nThe target cannot be judged.\nIt hangs.\n")


def test_in_the_background() -> None:
    """Started with SIGINT ignored, as in the background, it can stop what it starts."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)

    def run(options: Options, scratch: Path, terminal: Terminal) -> int:
        return int(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    try:
        assert main(["--target", "/blog"], run) == 1
    finally:
        signal.signal(signal.SIGINT, before)


def test_mistake_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake of the harness is told in two lines, not by its stack trace."""

    def run(options: Options, scratch: Path, terminal: Terminal) -> int:
        raise KeyError("x")

    assert main(["--target", "/blog"], run) == 2
    said = capsys.readouterr().err
    assert said.startswith("\nThe harness itself failed, and would like to be told")
    assert "\nKeyError: 'x' (test_command.py:" in said


def test_shut_out() -> None:
    """Where nobody gets in, that is the one verdict."""
    verdict = shut_out(NobodyGetsIn("accounts.register", "no user is stored"))

    assert (verdict.outcome, verdict.actual) == ("failed", "no user is stored")
    assert "not committed" in verdict.cause


def test_reported(
    tmp_path: Path, verdicts: list[Verdict], capsys: pytest.CaptureFixture[str]
) -> None:
    """Reports are written where that is asked for; failures decide the status."""
    silent = Options(Path("/blog"), "python3")
    told = replace(silent, report=tmp_path / "report")

    assert reported(silent, None, verdicts, 1, Terminal()) == 1
    assert capsys.readouterr().out == ""
    assert reported(told, None, verdicts[:1], 1, Terminal()) == 0
    assert capsys.readouterr().out.startswith(f"Reports: {tmp_path}/report/behaviours")
