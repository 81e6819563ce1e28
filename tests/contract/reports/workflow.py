"""Annotations, outputs and the step's summary of a run in GitHub Actions."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.contract.reports.markdown import markdown

#: GitHub shows as many annotations of a step, and drops others:
#: https://docs.github.com/en/rest/checks/runs
MOST = 10
#: The bytes of a step's summary, over which GitHub drops all of it.
LARGEST = 1024 * 1024
CUT = "\n\nThe rest is too long for this summary: see the report.\n"

Run = Mapping[str, Any]


def annotations(run: Run, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield commands that show the root causes at the author's own lines.

    The root causes of a run begin with those of MUST behaviours.
    """
    if not environ.get("GITHUB_ACTIONS"):
        return
    if run["problem"]:
        yield _error(run["headline"], run["problem"], "", 0)
    folder = Path(run["target"]["folder"])
    workspace = Path(environ.get("GITHUB_WORKSPACE", "."))
    rows = {row["id"]: row for row in run["behaviours"]}
    new = [one for one in run["root_causes"] if not rows[one["id"]]["expected_failure"]]
    for cause in new[:MOST]:
        row = rows[cause["id"]]
        file = (
            os.path.relpath(folder / cause["file"], workspace) if cause["file"] else ""
        )
        text = f"{cause['summary']}\n{row['statement']}"
        if len(cause["failed"]) > 1:
            text += f"\nAlso fails: {', '.join(cause['failed'][1:])}"
        yield _error(cause["id"], text, file, cause["line"])


def _error(title: str, text: str, file: str, line: int) -> str:
    """Return a workflow command: what separates its parts is escaped."""

    def escaped(value: str) -> str:
        return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    values = {"file": file, "line": line or "", "title": title}
    parts = [
        f"{name}={escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in values.items()
        if value
    ]
    return f"::error {','.join(parts)}::{escaped(text)}"


def leave(run: Run, environ: Mapping[str, str] = os.environ) -> None:
    """Add to the step's summary and to its outputs, where there are such files."""
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        text = markdown(run).encode()
        written = os.path.getsize(path) if os.path.exists(path) else 0
        room = LARGEST - written
        if len(text) > room:
            kept = text[: max(room - len(CUT), 0)].rpartition(b"\n")[0]
            text = kept + CUT.encode() if kept else b""
        with open(path, "ab") as summary:
            summary.write(text)
    if path := environ.get("GITHUB_OUTPUT"):
        counts = run["counts"]
        with open(path, "a", encoding="utf-8") as outputs:
            outputs.write(f"passed={counts['passed']}\nfailed={counts['failed']}\n")
