"""A finished run to report on, and a folder that other users can read."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.findings import Findings
from tests.contract.options import Options
from tests.contract.reports.document import document
from tests.contract.verdicts import (
    BLOCKED,
    BROKEN,
    DIFFERS,
    FAILED,
    HARNESS_BROKE,
    NOT_OFFERED,
    PASSED,
    Evidence,
    Verdict,
)
from tests.harness.target.target import Target


@pytest.fixture
def verdicts() -> list[Verdict]:
    """One verdict of each outcome, with characters that are special in HTML."""
    return [
        Verdict("log.level", "MUST", PASSED, "It logs.", source="Logging", cause="?"),
        Verdict(
            "errors.404-page",
            "MUST",
            FAILED,
            "It answers <b>404</b> | so.",
            expected="404",
            actual="<script>",
            source="Custom Error Pages",
            evidence=(
                Evidence(
                    "GET / raises <b>", "app/a_b.py", 3, "crash(<x>)", key="crash"
                ),
            ),
            cause="No handler.",
        ),
        Verdict(
            "errors.500-page",
            *("MUST", FAILED, "It answers 500."),
            actual="It answers 200.",
            evidence=(Evidence("GET / raises <b>", "app/a_b.py", 3, key="crash"),),
        ),
        Verdict("log.file", "MUST", DIFFERS, "It logs.", expected="a", actual="b"),
        Verdict(
            *("errors.404-back", "MUST", BLOCKED, "Back."),
            reason="It needs errors.404-page, which fails.",
            blocked_by="errors.404-page",
        ),
        Verdict("mail.starttls", "MUST", NOT_OFFERED, "It mails.", reason="no *mail*"),
        Verdict("debug.pin", "SHOULD", BROKEN, "It locks.", reason="KeyError: 'x'"),
    ]


@pytest.fixture
def run(verdicts: list[Verdict]) -> dict[str, Any]:
    """The report of a run as data."""
    findings = Findings(
        Target(Path("/blog"), app="blog:app"),
        {"Flask": "3.1.3"},
        (("log", "a.log"),),
        {"flask": "3.1.3"},
    )
    return document(
        Options(Path("/blog"), "python3"),
        findings,
        verdicts,
        12.345,
        status=HARNESS_BROKE,
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user can read; pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder).resolve()
