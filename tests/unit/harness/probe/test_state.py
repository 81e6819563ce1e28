"""The files that the harness and the processes of a site share."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
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


def test_thread_of_a_request(state: Any) -> None:
    """What is known of a request is known to the threads that run in its context."""
    current = load_module("state").current
    current.request = "GET /"

    with ThreadPoolExecutor(1) as pool:
        inside = pool.submit(copy_context().run, lambda: current.request).result()
        outside = pool.submit(getattr, current, "request", "none").result()

    assert (inside, outside) == ("GET /", "none")
