"""A run to report on, and a folder for others."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.document import document
from tests.contract.findings import Findings
from tests.contract.options import Options
from tests.contract.verdicts import (
    BROKEN,
    FAILED,
    NOT_OFFERED,
    PASSED,
    Verdict,
)
from tests.harness.target.target import Target


@pytest.fixture
def verdicts() -> list[Verdict]:
    """One verdict of each outcome, with signs that mean something to HTML."""
    return [
        Verdict("log.file", "MUST", PASSED, "It logs.", source="Logging", cause="?"),
        Verdict(
            "errors.404-page",
            "MUST",
            FAILED,
            "It answers <b>404</b> | so.",
            expected="404",
            actual="<script>",
            cause="No handler.",
        ),
        Verdict("mail.starttls", "MUST", NOT_OFFERED, "It mails.", reason="no *mail*"),
        Verdict("debug.pin", "SHOULD", BROKEN, "It locks.", reason="KeyError: 'x'"),
    ]


@pytest.fixture
def run(verdicts: list[Verdict]) -> dict[str, Any]:
    """The run as data."""
    findings = Findings(
        Target(Path("/blog"), app="blog:app"), {"Flask": "3.1.3"}, (("log", "a.log"),)
    )
    return document(Options(Path("/blog"), "python3"), findings, verdicts, 12.345)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder into which everybody may look; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder).resolve()
