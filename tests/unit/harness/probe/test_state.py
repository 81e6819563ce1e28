"""What the harness and the processes of a site tell each other, in files."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.harness.probe.modules import load_module


@pytest.fixture
def state(tmp_path: Path) -> Any:
    """A folder that is shared; the probe's other modules need a target."""
    return load_module("state").State(str(tmp_path))


def test_one_request_is_struck(state: Any, tmp_path: Path) -> None:
    """Of two requests that come to the same fault, one takes it out."""
    (tmp_path / "fault.json").write_text(json.dumps({"number": 1}))

    assert state.fault() == {"number": 1}
    assert [state.disarm("first"), state.disarm("second")] == [True, False]
    assert state.fault() is None
    assert json.loads((tmp_path / "triggered.json").read_text()) == "first"
