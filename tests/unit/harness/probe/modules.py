"""Imports single modules of the probe, whose package needs a target."""

import importlib.util
from typing import Any

from tests.harness.target.target import PROBE


def load_module(name: str) -> Any:
    """Return a fresh module of the probe."""
    path = PROBE / "harness_probe" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
