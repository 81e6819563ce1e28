"""The client of the probe."""

from pathlib import Path

import pytest

from tests.harness.probe.client import Probe, ProbeError
from tests.integration.harness.http.scripted_site import ScriptedSite


def test_failed_action(scripted: ScriptedSite, tmp_path: Path) -> None:
    """The error about a failed action shows the action and the probe's message."""
    probe = Probe(lambda: scripted.url, tmp_path)
    scripted.answer(
        "/__probe__/control", "no such table", method="POST", status="500 Failed"
    )

    with pytest.raises(ProbeError, match=r"sql.*SELECT 1.*no such table"):
        probe.sql("SELECT 1")
