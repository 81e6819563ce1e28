"""The wheel: an installed judge needs nothing of the checkout."""

import shutil
import subprocess
import sys
import venv
import zipfile
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
    """A virtual environment with the wheel in it, next to this one's packages."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("hatchling", "build", "--target", "wheel", "--directory", str(folder))
    run(sys.executable, "-m", *build, folder=REPOSITORY)
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    [site_packages] = environment.glob("lib/python*/site-packages")
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
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
    """From any folder the installed judge finds that a sound implementation holds."""
    shutil.copytree(STANDINS / "modular", tmp_path / "my blog")

    output = run(
        *(str(installed / "bin" / "python"), "-m", "microblog_check"),
        *("my blog", "--behaviour", "edit-profile"),
        folder=tmp_path,
    )

    assert "All behaviours hold." in output
