"""The files that the harness and the processes of a site share."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.harness.probe.modules import load_module


@pytest.fixture
def state(tmp_path: Path) -> Any:
    """The state in an empty folder."""
    return load_module("state").State(str(tmp_path))


def test_one_request_fails(state: Any, tmp_path: Path) -> None:
    """A fault is triggered by one of two requests that reach it."""
    (tmp_path / "fault.json").write_text(json.dumps({"number": 1}))

    assert state.fault() == {"number": 1}
    assert [state.disarm("first"), state.disarm("second")] == [True, False]
    assert state.fault() is None
    assert json.loads((tmp_path / "triggered.json").read_text()) == "first"
