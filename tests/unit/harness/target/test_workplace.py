"""The folder in which a target runs."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.target.target import PROBE, Target
from tests.harness.target.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A workplace of a target."""
    return Workplace(Target(tmp_path / "original", app="blog:make"), tmp_path)


def test_program_without_the_probe(workplace: Workplace) -> None:
    """Without the probe Flask loads the target itself."""
    assert workplace.environment(probed=False)["FLASK_APP"] == "blog:make"


def test_another_python(workplace: Workplace) -> None:
    """Another interpreter is not measured, as it may lack coverage."""
    other = Workplace(replace(workplace.target, python="python3.8"), workplace.folder)

    assert "COVERAGE_PROCESS_START" not in other.environment()


def test_import_path(workplace: Workplace) -> None:
    """Modules are imported from the probe and the copy, never from the original."""
    path = workplace.environment()["PYTHONPATH"].split(os.pathsep)

    assert path == [str(PROBE), str(workplace.code)]
