"""Coverage of the served processes."""

from configparser import ConfigParser
from pathlib import Path

import pytest
from coverage import Coverage

from tests.harness.target.coverage_settings import coverage_environment
from tests.harness.target.target import PROBE


def test_unmeasured_run(tmp_path: Path) -> None:
    """A process is not measured if the suite is not measured."""
    assert coverage_environment(tmp_path, tmp_path / "target", None) == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("parts", [["app", "migrations"], []], ids=["own", "others"])
def test_measured_run(tmp_path: Path, parts: list[str]) -> None:
    """A measured process measures the probe, and the application if it is our own."""
    current = Coverage(data_file=tmp_path / "data", config_file=False)
    code = tmp_path / "target" if parts else None

    env = coverage_environment(tmp_path, code, current)

    settings = ConfigParser()
    settings.read(env["COVERAGE_PROCESS_START"])
    assert settings["run"]["data_file"] == str(tmp_path / "data")
    assert settings["run"]["include"].split() == [
        *(str(tmp_path / "target" / part / "*") for part in parts),
        str(PROBE / "*"),
    ]
