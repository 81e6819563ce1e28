"""Coverage of the served processes, when the suite itself is measured."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.harness.target.target import PARTS, PROBE

if TYPE_CHECKING:
    import coverage


def coverage_environment(
    folder: Path, code: Path | None, current: "coverage.Coverage | None"
) -> dict[str, str]:
    """Return the variables that make a Python process measure *code* and the probe.

    The paths in the suite's own configuration are not those of a copy, so the process
    gets a configuration file of its own; ``[tool.coverage.paths]`` merges the results.

    Args:
        folder: Where to write the configuration file.
        code: A copy of this repository's application, None for another target.
        current: What measures this process, None if it is not measured.
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
        # With source, each process would search for files that it did not run.
        "include =",
        *(f"    {path}/*" for path in [*copies, PROBE]),
    ]
    settings = folder / "coveragerc"
    settings.write_text("\n".join(lines), encoding="utf-8")
    return {"COVERAGE_PROCESS_START": str(settings)}
