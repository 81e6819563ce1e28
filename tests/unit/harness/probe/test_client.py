"""The probe, which runs inside other people's processes."""

import ast
from pathlib import Path

import pytest

from tests.harness.target.target import PROBE

OLDEST = (3, 8)
MODULES = sorted(PROBE.rglob("*.py"))
#: Methods that came after it, which no parser knows of.
NEWER = {"removeprefix", "removesuffix", "is_relative_to", "add_note", "batched"}


@pytest.mark.parametrize("path", [pytest.param(one, id=one.stem) for one in MODULES])
def test_old_python(path: Path) -> None:
    """Each module can be read by the oldest Python that a target may have."""
    tree = ast.parse(path.read_bytes(), feature_version=OLDEST)

    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert used & NEWER == set()
