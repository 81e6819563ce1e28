"""The summary of a run on a machine without a browser."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.target.target import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(120)]


TEST = "test_light_and_dark"
#: Above the browser tests' folder, whose conftest only the workers read.
IN_PARALLEL = ("-n", "2", "--ignore-glob=*/integration/test_*", "tests/integration")


def run_without_browser(
    folder: Path, *arguments: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run one of the tests where no browser can be found."""
    asked = arguments or ("tests/integration/browser/test_pages.py",)
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *("-k", TEST, *asked),
        ],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "MICROBLOG_REQUIRE_BROWSER": "0",
            **environ,
            "PATH": str(folder),
            "PLAYWRIGHT_BROWSERS_PATH": str(folder),
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_local_run_without_browser(tmp_path: Path) -> None:
    """Without a browser its tests are skipped, and the summary reports it."""
    run = run_without_browser(tmp_path)

    assert "2 skipped" in run.stdout
    assert "no browser here: 2 tests were left out" in run.stdout
    assert run.returncode == 0


def test_parallel_run_without_browser(tmp_path: Path) -> None:
    """The summary of a parallel run reports a missing browser."""
    run = run_without_browser(tmp_path, *IN_PARALLEL)

    assert "no browser here: 2 tests were left out" in run.stdout
    assert run.returncode == 0


def test_without_playwright(tmp_path: Path) -> None:
    """Without Playwright the browser tests are skipped."""
    (tmp_path / "playwright.py").write_text("raise ImportError", encoding="utf-8")
    run = run_without_browser(tmp_path, PYTHONPATH=str(tmp_path))

    assert "no browser here: 2 tests were left out" in run.stdout
    assert run.returncode == 0


def test_switch_asks_for_a_browser(tmp_path: Path) -> None:
    """With MICROBLOG_REQUIRE_BROWSER=1 a missing browser is a failure."""
    run = run_without_browser(tmp_path, MICROBLOG_REQUIRE_BROWSER="1")

    assert "2 errors" in run.stdout
    assert "no browser here" in run.stdout
    assert run.returncode == 1
