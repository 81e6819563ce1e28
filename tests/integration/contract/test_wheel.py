"""The wheel, which works without a checkout."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.faults.table import STANDINS
from tests.harness.target.target import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.lengthy]


def run(*command: str, folder: Path, status: int = 0) -> str:
    """Run a command to its end; return its output."""
    finished = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=50,
    )
    assert finished.returncode == status, finished.stdout
    return finished.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and this environment's packages."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("hatchling", "build", "--target", "wheel", "--directory", str(folder))
    run(sys.executable, "-m", *build, folder=REPOSITORY)
    environment = folder / "environment"
    venv.create(environment)  # without pip, as a tool's environment
    [site_packages] = environment.glob("lib/python*/site-packages")
    [wheel] = folder.glob("*.whl")
    pip = ("-m", "pip", "--python", str(environment / "bin" / "python"), "install")
    run(sys.executable, *pip, "--no-deps", "--no-index", str(wheel), folder=folder)
    shared = next(path for path in sys.path if path.endswith("site-packages"))
    (site_packages / "shared.pth").write_text(shared)
    return environment


def test_no_other_package_is_installed(installed: Path) -> None:
    """The wheel installs the judge and no package called app or tests."""
    [site_packages] = installed.glob("lib/python*/site-packages")
    names = {path.stem for path in site_packages.iterdir() if path.is_dir()}

    assert {name.partition("-")[0] for name in names} == {
        "microblog",
        "microblog_check",
    }


def test_installed_judge(installed: Path, tmp_path: Path) -> None:
    """The installed judge passes a sound implementation from any folder."""
    shutil.copytree(STANDINS / "modular", tmp_path / "my blog")

    output = run(
        *(str(installed / "bin" / "python"), "-m", "microblog_check"),
        *("my blog", "--behaviour", "edit-profile"),
        folder=tmp_path,
    )

    assert "All behaviours hold." in output


def test_command_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """The command explains itself, lists behaviours, and names a wrong path."""
    command = str(installed / "bin" / "microblog-check")

    usage = run(command, "--help", folder=tmp_path)
    listed = run(command, "--list", "--behaviour", "log", folder=tmp_path)
    refused = run(command, "nowhere", folder=tmp_path, status=2)

    assert len(usage.splitlines()) <= 50
    assert "log.format (MUST)" in listed
    assert refused.endswith(
        f"There is no {tmp_path}/nowhere. Name the target's folder.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_class_is_graded(installed: Path, tmp_path: Path) -> None:
    """A folder of submissions is graded by the weights that the wheel brings."""
    for name in ("anna", "Bärbel B"):
        shutil.copytree(STANDINS / "modular", tmp_path / "class" / name)
    (tmp_path / "class" / "empty").mkdir()

    output = run(
        *(str(installed / "bin" / "microblog-check"), "--all", "class"),
        *("--behaviour", "edit-profile.taken", "--grade", "gradescope"),
        *("--report", "report"),
        folder=tmp_path,
    )

    assert "Bärbel B" in output
    results = {
        path.parent.name: json.loads(path.read_text())["score"]
        for path in tmp_path.glob("report/*/results.json")
    }
    assert results == {"anna": 10, "Bärbel B": 10, "empty": 0}
    assert (tmp_path / "report" / "submissions.html").exists()
