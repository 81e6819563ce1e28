"""Coverage of what runs in served processes."""

from configparser import ConfigParser
from pathlib import Path

from coverage import Coverage

from tests.harness.target.coverage_settings import environment
from tests.harness.target.target import PROBE


def test_not_measured(tmp_path: Path) -> None:
    """Where nobody measures, a process is told nothing, and no file is written."""
    assert environment(tmp_path, tmp_path / "target", None) == {}
    assert list(tmp_path.iterdir()) == []


def test_measured(tmp_path: Path) -> None:
    """A measured process writes beside the suite's own data what its copy ran."""
    current = Coverage(data_file=tmp_path / "data", config_file=False)

    told = environment(tmp_path, tmp_path / "target", current)

    settings = ConfigParser()
    settings.read(told["COVERAGE_PROCESS_START"])
    assert settings["run"]["data_file"] == str(tmp_path / "data")
    assert settings["run"]["include"].split() == [
        str(tmp_path / "target" / "app" / "*"),
        str(tmp_path / "target" / "migrations" / "*"),
        str(PROBE / "*"),
    ]


def test_of_others(tmp_path: Path) -> None:
    """Of other people's code nothing is measured, but the probe in its process is."""
    current = Coverage(data_file=tmp_path / "data", config_file=False)

    told = environment(tmp_path, None, current)

    settings = ConfigParser()
    settings.read(told["COVERAGE_PROCESS_START"])
    assert settings["run"]["include"].split() == [str(PROBE / "*")]
