"""The probe runs inside other people's processes, on their Python."""

import ast
from pathlib import Path

import pytest

from tests.harness.target.target import PROBE

OLDEST = (3, 8)
MODULES = sorted(PROBE.rglob("*.py"))
#: Later methods, which a parser does not reject.
NEWER = {"removeprefix", "removesuffix", "is_relative_to", "add_note", "batched"}


@pytest.mark.parametrize("path", [pytest.param(one, id=one.stem) for one in MODULES])
def test_old_python(path: Path) -> None:
    """Each module of the probe is valid in the oldest Python of a target."""
    tree = ast.parse(path.read_bytes(), feature_version=OLDEST)

    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert used & NEWER == set()
