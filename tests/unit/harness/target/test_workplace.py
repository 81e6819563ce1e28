"""The folder in which a target runs."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.target.target import PROBE, Target
from tests.harness.target.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A workplace of a small target."""
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "blog.py").touch()
    target = Target(tmp_path / "original", app="blog:make")
    return Workplace.prepare(target, tmp_path / "site")


def test_prepared(workplace: Workplace) -> None:
    """A prepared folder holds a copy of the target, and one to share with the probe."""
    assert (workplace.code / "blog.py").exists()
    assert workplace.state.is_dir()


def test_probed_environment(workplace: Workplace) -> None:
    """Flask is told to load the probe, and the probe where the application is."""
    environment = workplace.environment()

    assert environment["FLASK_APP"] == "harness_probe"
    assert environment["HARNESS_TARGET"] == "blog:make"
    assert environment["HARNESS_STATE"] == str(workplace.state)


def test_bare_environment(workplace: Workplace) -> None:
    """Without the probe Flask is told to load the application itself."""
    assert workplace.environment(probed=False)["FLASK_APP"] == "blog:make"


def test_another_python(workplace: Workplace) -> None:
    """An interpreter that is not the suite's own is not measured: it may be unable."""
    other = Workplace(replace(workplace.target, python="python3.8"), workplace.folder)

    assert "COVERAGE_PROCESS_START" not in other.environment()


def test_import_path(workplace: Workplace) -> None:
    """Modules are looked for in the probe and in the copy, never in the original."""
    path = workplace.environment()["PYTHONPATH"].split(os.pathsep)

    assert path == [str(PROBE), str(workplace.code)]
