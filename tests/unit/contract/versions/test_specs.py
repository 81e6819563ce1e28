"""What one end of a comparison is."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.specs import Spec, main_branch, parse


def test_date() -> None:
    """A date means the end of that day."""
    assert parse("2023-09-01").before == datetime(2023, 9, 2, tzinfo=UTC)


def test_latest() -> None:
    """The newest releases need no options."""
    assert parse("latest") == Spec("latest")


def test_requirements() -> None:
    """Commas separate requirements, not specifiers or extras."""
    found = parse("werkzeug>=2.3,<3, psycopg[binary,pool], flask")

    assert list(map(str, found.requirements)) == [
        "werkzeug<3,>=2.3",
        "psycopg[binary,pool]",
        "flask",
    ]


def test_several() -> None:
    """A date, an interpreter and requirements can be combined."""
    found = parse("python3.12,2024-01-01,flask<3,lowest,main")

    assert (found.python, found.lowest, found.main) == ("3.12", True, True)
    assert found.before is not None


@pytest.mark.parametrize("name", ["3.12", "python3.12.1", "pypy3.10"])
def test_interpreter_by_version(name: str) -> None:
    """An interpreter is named by its version."""
    assert parse(name).python == name.removeprefix("python")


def test_interpreter_by_path(tmp_path: Path) -> None:
    """An interpreter, or a virtual environment, is named by its path."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()

    assert parse(sys.executable).python == sys.executable
    assert parse(str(tmp_path)).python == str(tmp_path)
    assert parse(str(python)).python == str(python)


@pytest.mark.parametrize(
    ("name", "is_lock"),
    [
        ("requirements.txt", False),
        ("pylock.toml", True),
        ("uv.lock", True),
        ("poetry.lock", True),
    ],
)
def test_file(tmp_path: Path, name: str, is_lock: bool) -> None:
    """A file is a lock or has requirements, by its name."""
    (tmp_path / name).touch()
    found = parse(str(tmp_path / name))

    assert (found.file, found.is_lock) == (tmp_path / name, is_lock)


@pytest.mark.parametrize("text", ["werkzeug 2.3", "2023-13-01", "/nowhere/x.txt", "."])
def test_meaningless(text: str) -> None:
    """An invalid specification is refused."""
    with pytest.raises(CannotBeJudged, match=r"not a valid SPEC|month must be"):
        parse(text)


def test_main_branch() -> None:
    """A main branch is an archive."""
    assert main_branch("flask").startswith("flask @ https://github.com/pallets/flask/")
