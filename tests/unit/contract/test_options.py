"""The options on the command line and in a profile."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.options import parse, read_profile
from tests.contract.target_errors import CannotBeJudged


@pytest.mark.parametrize("name", [[], ["--target"]], ids=["plain", "option"])
def test_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: list[str]
) -> None:
    """Only the target's folder is required."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)

    options = parse([*name, str(tmp_path)])

    assert (options.folder, options.python, options.level) == (
        *(tmp_path, sys.executable, "MUST"),
    )
    assert (options.app, options.env, options.report) == ("", {}, None)


def test_all(tmp_path: Path) -> None:
    """The command line takes precedence over the profile."""
    profile = tmp_path / "profile.toml"
    profile.write_text('app = "a"\n[env]\nA = "1"\nB = "2"\n')

    options = parse(
        [
            *("--target", "x", "--target-python", "py", "--target-app", "b:app"),
            *("--target-env", "B=3=4", "--target-profile", str(profile)),
            *("--level", "should", "--behaviour", "log", "--behaviour", "mail"),
        ]
    )

    assert (options.app, options.python, options.level) == ("b:app", "py", "SHOULD")
    assert options.env == {"A": "1", "B": "3=4"}
    assert options.behaviours == ("log", "mail")


def test_relative_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative interpreter becomes absolute, with its symbolic link unresolved."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)

    options = parse(["--target", ".", "--target-python", "../blog/../venv/bin/python"])
    near = parse(["--target", ".", "--target-python", "venv/bin/python"])

    assert options.python == f"{tmp_path.parent}/venv/bin/python"
    assert near.python == f"{tmp_path}/venv/bin/python"


def test_no_target(capsys: pytest.CaptureFixture[str]) -> None:
    """A target is required, except to list the behaviours."""
    with pytest.raises(SystemExit):
        parse([])

    assert "the folder of the implementation is required" in capsys.readouterr().err
    assert parse(["--list"]).only_list


def test_known_state(tmp_path: Path) -> None:
    """The expected failures are read from a file."""
    (tmp_path / "known.txt").write_text("log.file\n")

    given = parse(["--target", "x", "--expected-failures", str(tmp_path / "known.txt")])
    written = parse(["--target", "x", "--write-baseline", "new.txt"])

    assert given.expected == {"log.file"}
    assert written.baseline == Path("new.txt")


def test_replay(tmp_path: Path, run: dict[str, Any]) -> None:
    """A replay takes target and level from the report unless options are given."""
    run["level"] = "SHOULD"
    (tmp_path / "behaviours.json").write_text(json.dumps(run))

    plain = parse(["--replay", str(tmp_path)])
    other = parse(["--replay", str(tmp_path), "--target", "/other", "--level", "must"])

    assert (plain.folder, plain.level, plain.is_replay) == (
        *(Path("/blog"), "SHOULD", True),
    )
    assert "errors.404-page" in plain.identities
    assert (other.folder, other.level) == (Path("/other"), "MUST")


def test_no_pair(capsys: pytest.CaptureFixture[str]) -> None:
    """An argument that is not KEY=VALUE is refused with status 2."""
    with pytest.raises(SystemExit) as end:
        parse(["--target", "x", "--target-env", "KEY"])

    assert end.value.code == 2
    assert "'KEY' is not KEY=VALUE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("app = 3", "invalid 'app'"),
        ('colour = "red"', "invalid 'colour'"),
        ("app = ", "cannot be read"),
    ],
)
def test_wrong_profile(tmp_path: Path, text: str, message: str) -> None:
    """An invalid profile is refused with the reason."""
    profile = tmp_path / "profile.toml"
    profile.write_text(text)

    with pytest.raises(CannotBeJudged, match=message):
        read_profile(profile)


def test_no_profile(tmp_path: Path) -> None:
    """A missing profile is refused."""
    with pytest.raises(CannotBeJudged, match="cannot be read"):
        read_profile(tmp_path / "nothing.toml")
