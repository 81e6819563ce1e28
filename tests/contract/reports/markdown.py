"""behaviours.md: a run for a pull request, a wiki, or the summary of a workflow."""

import re
from collections.abc import Mapping
from typing import Any

MARKS = {
    "passed": "✅",
    "failed": "❌",
    "differs": "〰️",
    "blocked": "⛔",
    "not offered": "➖",
    "broken": "⚠️",
}


def markdown(run: Mapping[str, Any]) -> str:
    """Return the run, as :func:`document` has it, as Markdown."""
    rows = run["behaviours"]
    lines = [f"# {run['headline']}", "", summary(run), ""]
    if run["problem"]:
        lines += [*(f"    {line}" for line in run["problem"].splitlines()), ""]
    for row in rows:
        if row["outcome"] in ("failed", "differs"):
            lines += [
                f"## {MARKS[row['outcome']]} {row['id']}",
                "",
                f"- **Requirement** {escaped(row['statement'])}",
                *(
                    [f"- **Expected** {escaped(row['expected'])}"]
                    if row["expected"]
                    else []
                ),
                f"- **Actual** {escaped(row['actual'])}",
                *(
                    [f"- **Usual cause** {escaped(row['cause'])}"]
                    if row["cause"]
                    else []
                ),
                "",
            ]
        if row["outcome"] == "broken":
            lines += [
                f"## ⚠️ {row['id']}",
                "",
                f"- **Requirement** {escaped(row['statement'])}",
                f"- **Not judged** {escaped(row['reason'])}",
                "",
            ]
    lines += [
        "## All behaviours",
        "",
        "| | id | level | behaviour | seconds |",
        "|---|---|---|---|--:|",
    ]
    for row in rows:
        told = escaped(row["statement"])
        if row["reason"]:
            told += f"<br>*{row['outcome']}: {escaped(row['reason'])}*"
        lines.append(
            f"| {MARKS[row['outcome']]} | `{row['id']}` | {row['level']} | {told} "
            f"| {row['seconds']:.2f} |"
        )
    lines += ["", "## What was found", "", "| | |", "|---|---|"]
    found = {**run["target"]["found"], **run["target"]["versions"]}
    lines += [f"| {name} | {escaped(text)} |" for name, text in found.items()]
    return "\n".join(lines) + "\n"


def summary(run: Mapping[str, Any]) -> str:
    """Return the figures in one line."""
    counted = ", ".join(f"{number} {name}" for name, number in run["counts"].items())
    return (
        f"{counted}; level {run['level']}, {run['seconds']:.0f} s, {run['judged_at']}."
    )


def escaped(text: str) -> str:
    """Return *text* such that no sign of it means anything to Markdown or HTML."""
    flat = " ".join(text.split())
    return re.sub(
        r"([\\`*_\[\]|])", r"\\\1", flat.replace("&", "&amp;").replace("<", "&lt;")
    )
