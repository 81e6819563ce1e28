"""What the harness and the processes of a site tell each other, in files."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target import PROBE


@pytest.fixture
def state(tmp_path: Path) -> Any:
    """A folder that is shared; the probe's other modules need a target."""
    path = PROBE / "harness_probe" / "state.py"
    spec = importlib.util.spec_from_file_location("state", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.State(str(tmp_path))


def test_one_request_is_struck(state: Any, tmp_path: Path) -> None:
    """Of two requests that come to the same fault, one takes it out."""
    (tmp_path / "fault.json").write_text(json.dumps({"number": 1}))

    assert state.fault() == {"number": 1}
    assert [state.disarm("first"), state.disarm("second")] == [True, False]
    assert state.fault() is None
    assert json.loads((tmp_path / "struck.json").read_text()) == "first"
