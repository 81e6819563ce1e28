"""The interpreter that a target is started with."""

import sys
from pathlib import Path

import pytest

from tests.contract.environment import find_interpreter
from tests.contract.target_errors import CannotBeJudged
from tests.unit.unprivileged import unprivileged


def make_environment(path: Path, interpreter: str = "bin/python") -> str:
    """Create a folder laid out as a virtual environment; return its interpreter."""
    python = path / interpreter
    python.parent.mkdir(parents=True)
    python.touch()
    return str(python)


@pytest.mark.parametrize("interpreter", ["bin/python", "Scripts/python.exe"])
@pytest.mark.parametrize("name", ["venv", ".venv", "env", ".env"])
def test_environment_of_the_target(tmp_path: Path, name: str, interpreter: str) -> None:
    """A virtual environment in the target's folder is used under any usual name."""
    python = make_environment(tmp_path / name, interpreter)

    assert find_interpreter(tmp_path, environ={}) == python


def test_environment_next_to_the_target(tmp_path: Path) -> None:
    """A virtual environment in the target's parent folder is used."""
    (tmp_path / "blog").mkdir()
    python = make_environment(tmp_path / "venv")

    assert find_interpreter(tmp_path / "blog", environ={}) == python


def test_active_environment(tmp_path: Path) -> None:
    """A target without a virtual environment is run in the active one."""
    python = make_environment(tmp_path / "active")
    (tmp_path / "a" / "b").mkdir(parents=True)

    environ = {"VIRTUAL_ENV": str(tmp_path / "active")}

    assert find_interpreter(tmp_path / "a" / "b", environ=environ) == python


def test_no_environment(tmp_path: Path) -> None:
    """If there is no virtual environment, the judge's own interpreter is used."""
    (tmp_path / ".env").write_text("SECRET_KEY=x")  # a file of settings

    assert find_interpreter(tmp_path / "blog", environ={}) == sys.executable


@pytest.mark.parametrize("given", ["python3.8", "/opt/python/bin/python"])
def test_given_interpreter(tmp_path: Path, given: str) -> None:
    """A given interpreter takes precedence over the target's environment."""
    make_environment(tmp_path / "venv")

    assert find_interpreter(tmp_path, given, {}) == given


def test_given_environment(tmp_path: Path) -> None:
    """The folder of a virtual environment can be given instead of its interpreter."""
    python = make_environment(tmp_path / "x")

    assert find_interpreter(tmp_path, str(tmp_path / "x"), {}) == python


def test_given_folder_without_an_interpreter(tmp_path: Path) -> None:
    """A given folder without an interpreter is refused with one line."""
    with pytest.raises(CannotBeJudged, match=r"is not a virtual environment: .*python"):
        find_interpreter(tmp_path, str(tmp_path), {})


def test_environment_that_may_not_be_entered(tmp_path: Path) -> None:
    """An environment that cannot be read is ignored."""
    make_environment(tmp_path / "venv")
    (tmp_path / "venv").chmod(0)

    with unprivileged():
        assert find_interpreter(tmp_path, environ={}) == sys.executable
