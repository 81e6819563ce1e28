"""The requirements of a target."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.requirements import (
    from_pins,
    overridden,
    read_requirements,
    requirements_of,
    without_pins,
)


def texts(requirements: list[Requirement]) -> list[str]:
    """Return requirements as they are written."""
    return list(map(str, requirements))


def test_requirements_file(tmp_path: Path) -> None:
    """Comments, hashes, options and included files are understood."""
    (tmp_path / "requirements.txt").write_text(
        "# all\n--index-url x\n-r more.txt\nFlask==3.0.0 \\\n  --hash=sha256:aa\n"
        "Flask-Login  # sessions\n"
    )
    (tmp_path / "more.txt").write_text("wtforms>=3; python_version > '3.8'\n")

    assert texts(requirements_of(tmp_path)) == [
        'wtforms>=3; python_version > "3.8"',
        "Flask==3.0.0",
        "Flask-Login",
    ]


def test_pyproject(tmp_path: Path) -> None:
    """Without a requirements file the project's dependencies count."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["flask>=2"]\n', encoding="utf-8"
    )

    assert texts(requirements_of(tmp_path)) == ["flask>=2"]


def test_imports(tmp_path: Path) -> None:
    """Without either, what the modules import is required."""
    (tmp_path / "pyproject.toml").write_text("[tool.x]\n")
    (tmp_path / "app.py").write_text(
        "import os, flask_login.utils\nfrom flask import Flask\nfrom . import x\n"
        "from wtforms.validators import Email\nEmail()\n"
    )
    (tmp_path / "broken.py").write_text("def\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "other.py").write_text("import alembic\n")

    assert texts(requirements_of(tmp_path)) == [
        "email-validator",
        "flask",
        "flask-login",
        "wtforms",
    ]


def test_nothing_required(tmp_path: Path) -> None:
    """A folder that shows no requirements is refused."""
    with pytest.raises(CannotBeJudged, match="does not show what it requires"):
        requirements_of(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"), [("requirements.txt", "a b c"), ("pyproject.toml", "project = [")]
)
def test_unreadable(tmp_path: Path, name: str, text: str) -> None:
    """A file that cannot be understood is named."""
    (tmp_path / name).write_text(text)

    with pytest.raises(CannotBeJudged, match=rf"{name} cannot be read"):
        read_requirements(tmp_path / name)


def test_pins() -> None:
    """Exact versions can be left open, or become lower bounds; ranges stay."""
    wanted = [Requirement("a==1.0"), Requirement("b<3,>=2"), Requirement("c===2")]

    assert texts(without_pins(wanted)) == ["a", "b<3,>=2", "c"]
    assert texts(from_pins(wanted)) == ["a>=1.0", "b<3,>=2", "c>=2"]


def test_overridden() -> None:
    """A requirement replaces the one for the same package in any spelling."""
    wanted = [Requirement("Flask_Login>=1"), Requirement("flask")]

    assert texts(overridden(wanted, [Requirement("flask-login<1")])) == [
        "flask",
        "flask-login<1",
    ]
