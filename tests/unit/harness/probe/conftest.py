"""Modules of the probe that import one another."""

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.harness.target.target import PROBE


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """Import modules of the probe that import others, without a target to load."""
    package = ModuleType("harness_probe")
    package.__path__ = [str(PROBE / "harness_probe")]
    monkeypatch.setitem(sys.modules, "harness_probe", package)
    yield lambda name: importlib.import_module(f"harness_probe.{name}")
    for name in [name for name in sys.modules if name.startswith("harness_probe.")]:
        del sys.modules[name]
