"""Environments, as far as they need no uv."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions import environments
from tests.contract.versions.environments import (
    Package,
    demand,
    find_python,
    install,
    lock,
    locked,
    make,
)
from tests.contract.versions.specs import Spec, parse
from tests.contract.versions.uv import NotInstallable, find_uv, uv
from tests.unit.contract.versions.environments_at_hand import environment, package

LOCK = """
[[packages]]
name = "Flask_Login"
version = "0.6.3"
sdist = { url = "x", upload-time = 2023-10-30T15:00:00Z }
wheels = [{ url = "y", upload-time = 2023-10-30T14:53:19Z }]

[[packages]]
name = "mine"
version = "1"
wheels = [{ url = "file:///x/mine-1-py3-none-any.whl" }]

[[packages]]
name = "flask"
archive = { url = "https://example.org/main.tar.gz" }
"""


def test_locked() -> None:
    """A lock lists versions, the first upload of each, and archives."""
    found = locked(LOCK)

    assert found["flask-login"].pin == "flask-login===0.6.3"
    assert found["flask-login"].uploaded == datetime(
        2023, 10, 30, 14, 53, 19, tzinfo=UTC
    )
    assert found["mine"].uploaded is None
    assert found["flask"].pin == "flask @ https://example.org/main.tar.gz"


def test_demand() -> None:
    """Other versions than those of the lock are refused, in any spelling of one."""
    demand({"a": "1.0"}, {"a": "1.0.0", "b": "2"})

    with pytest.raises(CannotBeJudged, match=r"a none instead of 1, b 2 instead of 3"):
        demand({"a": "1", "b": "3"}, {"b": "2"})


@pytest.mark.parametrize(
    ("urls", "link"),
    [
        ({"Homepage": "h", "Changelog": "c"}, "c"),
        ({"Release Notes": "r", "Source": "s"}, "r"),
        ({"Chat": "t"}, "t"),
        ({}, ""),
    ],
)
def test_changelog(urls: dict[str, str], link: str) -> None:
    """The link to the changelog is found by its label, or else one to the project."""
    assert Package("a", "1", "a==1", urls=urls).changelog == link


def test_environment(tmp_path: Path) -> None:
    """An environment knows its versions and its lock."""
    made = environment(package("flask", "3.0"))

    assert made.versions == {"python": "3.11.7", "flask": "3.0"}
    assert made.lock == Path("/nowhere/pylock.toml")
    assert made.interpreter == ""


def test_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter is found by its path, its environment, or its version in pyenv."""
    python = tmp_path / "versions" / "3.99.1" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert find_python("", sys.executable) == sys.executable
    assert find_python(str(python.parents[1]), "") == str(python)
    assert find_python("3.99", "") == str(python)


def test_lowest_needs_bounds(tmp_path: Path) -> None:
    """Without lower bounds there is no lowest version."""
    (tmp_path / "requirements.txt").write_text("flask>=2\nwtforms<3\nclick\n")

    with pytest.raises(CannotBeJudged, match=r"no lower bound for wtforms, click\."):
        lock(parse("lowest"), tmp_path, "python")


def test_lock_leaves_nothing_to_choose(tmp_path: Path) -> None:
    """A lock cannot be combined with requirements or a date."""
    file = tmp_path / "pylock.toml"
    file.write_text(LOCK)

    assert lock(parse(str(file)), tmp_path, "python") == LOCK
    spec = Spec("x", file=file, requirements=(Requirement("flask"),))
    with pytest.raises(CannotBeJudged, match="a lock cannot be combined"):
        lock(spec, tmp_path, "python")


def test_unreadable_lock(tmp_path: Path) -> None:
    """A lock that cannot be read is named."""
    file = tmp_path / "pylock.toml"
    file.write_bytes(b"\xff")

    with pytest.raises(CannotBeJudged, match=r"pylock\.toml cannot be read"):
        lock(Spec("x", file=file), tmp_path, "python")


def test_without_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without uv the message says how to install it."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))

    with pytest.raises(CannotBeJudged, match="pip install uv"):
        find_uv({"PATH": str(tmp_path)})


#: What an environment with the packages of the lock says of itself.
INSTALLED = [
    "3.11.7",
    [
        ["Flask-Login", "0.6.3", ["flask"], ["Changes, https://example.org/c"]],
        ["mine", "1.0", [], []],
        ["flask", "3.2.dev0", [], []],
        ["pip", "24", [], []],
    ],
]


class FakeUv:
    """Stands in for uv: keeps its arguments, and the requirements that it got."""

    def __init__(self, output: str = "", error: str = "") -> None:
        self.output = output
        self.error = error
        self.arguments: tuple[str, ...] = ()
        self.files: dict[str, str] = {}

    def __call__(self, *arguments: str, cwd: Path) -> str:
        """Do as if it had run."""
        self.arguments = arguments
        if self.error:
            raise NotInstallable(self.error)
        self.files = {
            Path(one).name: Path(one).read_text()
            for one in arguments
            if one.endswith(".in")
        }
        if "--output-file" in arguments:
            written = arguments[arguments.index("--output-file") + 1]
            Path(written).write_text(LOCK)
        if arguments[0] == "venv":
            python = Path(arguments[-1], "bin", "python")
            python.parent.mkdir(parents=True)
            python.write_text(f"#!/bin/sh\necho '{json.dumps(INSTALLED)}'\n")
            python.chmod(0o755)
        return self.output


def test_other_interpreters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What pyenv does not have is searched for by uv."""
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(environments, "uv", FakeUv("/usr/bin/python3.99\n"))
    assert find_python("3.99", "") == "/usr/bin/python3.99"

    monkeypatch.setattr(environments, "uv", FakeUv(error="none"))
    with pytest.raises(CannotBeJudged, match=r"There is no interpreter 3\.99 here"):
        find_python("3.99", "")


def test_uv_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The lock of a project is exported by uv."""
    fake = FakeUv(LOCK)
    monkeypatch.setattr(environments, "uv", fake)

    assert lock(Spec("x", file=tmp_path / "uv.lock"), tmp_path, "python") == LOCK
    assert fake.arguments[0] == "export"
    assert fake.arguments[-1] == str(tmp_path)


def test_poetry_lock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Poetry's lock gives the versions of what its project requires."""
    fake = FakeUv()
    monkeypatch.setattr(environments, "uv", fake)
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["flask"]\n')
    file = tmp_path / "poetry.lock"
    file.write_text('[[package]]\nname = "flask"\nversion = "3.1.0"\n')

    assert lock(Spec("x", file=file), tmp_path / "nowhere", "python") == LOCK
    assert fake.files == {
        "requirements.in": "flask\n",
        "constraints.in": "flask==3.1.0\n",
    }


def test_poetry_lock_alone(tmp_path: Path) -> None:
    """Without its project Poetry's lock does not say what is required."""
    file = tmp_path / "poetry.lock"
    file.write_text('[[package]]\nname = "flask"\nversion = "3.1.0"\n')

    with pytest.raises(CannotBeJudged, match=r"pyproject\.toml has no dependencies"):
        lock(Spec("x", file=file), tmp_path, "python")


def test_main_branches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The main branches replace the releases that the packages themselves require."""
    (tmp_path / "requirements.txt").write_text("flask==3.0\n")
    fake = FakeUv()
    monkeypatch.setattr(environments, "uv", fake)

    assert lock(parse("main,2024-01-01"), tmp_path, "python") == LOCK
    assert fake.files["requirements.in"] == "flask\n"
    assert "werkzeug @ https://" in fake.files["overrides.in"]
    assert "2024-01-02T00:00:00+00:00" in fake.arguments


def test_made_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment is kept in the cache, with what its packages say of themselves."""
    (tmp_path / "requirements.txt").write_text("flask-login==0.1\n")
    monkeypatch.setattr(environments, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(environments, "uv", FakeUv())
    made = make(parse("lowest"), tmp_path, sys.executable)
    monkeypatch.setattr(environments, "uv", FakeUv(error="not again"))

    assert install(LOCK, sys.executable) == made
    assert made.lock.read_text() == LOCK
    assert Path(made.interpreter).is_file()
    assert made.versions == {
        "python": "3.11.7",
        **{"flask-login": "0.6.3", "mine": "1.0", "flask": "3.2.dev0"},
    }
    assert made.packages["flask-login"].requires == ("flask",)
    assert made.packages["flask-login"].changelog == "https://example.org/c"


def test_requirements_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A requirements file is taken instead of the target's, with its pins."""
    file = tmp_path / "old.txt"
    file.write_text("flask==2.0\n")
    fake = FakeUv()
    monkeypatch.setattr(environments, "uv", fake)

    lock(parse(str(file)), tmp_path / "nowhere", "python")

    assert fake.files == {"requirements.in": "flask==2.0\n"}


def test_same_discovery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The target's own requirements are found as for --install, and left open."""
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "flask"\nversion = "3.0"\n')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.poetry.dependencies]\nflask = "^3.0"\nclick = "8.1"\n'
    )
    fake = FakeUv()
    monkeypatch.setattr(environments, "uv", fake)

    lock(parse("latest"), tmp_path, "python")

    assert fake.files == {"requirements.in": "flask==3.*,>=3.0\nclick\n"}


def test_uv_that_hangs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A uv that hangs is given up after a while."""

    def run(*arguments: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("uv", 1)

    monkeypatch.setattr("tests.contract.versions.uv.find_uv", lambda: "uv")
    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(NotInstallable, match="uv took more than 600 s"):
        uv("venv", cwd=tmp_path)
