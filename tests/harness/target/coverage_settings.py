"""Coverage of what runs in served processes, when the suite itself is measured."""

import os
from pathlib import Path

import coverage

from tests.harness.target.target import PARTS, PROBE


def environment(
    folder: Path, code: Path | None, current: coverage.Coverage | None
) -> dict[str, str]:
    """
    Return what makes a Python process in *folder* measure *code*, and the probe.

    A copy's files are not those that the suite's own configuration names, so the
    process gets a configuration of its own; ``[tool.coverage.paths]`` brings the
    files together again.

    :param code: a copy of this repository; None: what runs is somebody else's
    :param current: what measures this process; None: nothing is measured
    """
    if current is None:
        return {}
    copies = [code / name for name in PARTS] if code is not None else []
    lines = [
        "[run]",
        "branch = true",
        "parallel = true",
        "sigterm = true",
        f"data_file = {Path(str(current.get_option('run:data_file'))).absolute()}",
        "patch = fork" if hasattr(os, "fork") else "",
        # Not as a source: each process would look, at its end, for what it did not run.
        "include =",
        *(f"    {path}/*" for path in [*copies, PROBE]),
    ]
    settings = folder / "coveragerc"
    settings.write_text("\n".join(lines), encoding="utf-8")
    return {"COVERAGE_PROCESS_START": str(settings)}
