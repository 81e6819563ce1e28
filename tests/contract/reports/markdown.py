"""behaviours.md: a run for a pull request, a wiki, or the summary of a workflow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MARKS = {
    "passed": "✅",
    "failed": "❌",
    "differs": "〰️",
    "blocked": "⛔",
    "not offered": "➖",
    "broken": "⚠️",
}

Row = Mapping[str, Any]


def markdown(run: Mapping[str, Any]) -> str:
    """Return the run, as :func:`document` has it, as Markdown."""
    rows = {row["id"]: row for row in run["behaviours"]}
    lines = [f"# {escaped(run['headline'])}", "", summary(run), ""]
    if run["problem"]:
        lines += [*(f"    {line}" for line in run["problem"].splitlines()), ""]
    for cause in run["root_causes"]:
        lines += _root_cause(cause, rows)
    if run["replay"]:
        for name, title in (("fixed", "Fixed"), ("remaining", "Not fixed")):
            listed = ", ".join(f"`{one}`" for one in run["replay"][name]) or "none"
            lines += [f"**{title}:** {listed}", ""]
    for row in rows.values():
        if row["outcome"] == "broken":
            lines += [
                f"## ⚠️ {row['id']}",
                "",
                f"- **Requirement** {escaped(row['statement'])}",
                f"- **Not judged** {escaped(row['reason'])}",
                "",
            ]
    if rows:
        lines += [
            "## All behaviours",
            "",
            "| | id | level | behaviour | seconds |",
            "|---|---|---|---|--:|",
        ]
    for row in rows.values():
        text = escaped(row["statement"])
        if row["reason"]:
            text += f"<br>*{row['outcome']}: {escaped(row['reason'])}*"
        elif row["outcome"] == "differs":
            text += f"<br>*differs: {escaped(row['actual'])}*"
        lines.append(
            f"| {MARKS[row['outcome']]} | `{row['id']}` | {row['level']} | {text} "
            f"| {row['seconds']:.2f} |"
        )
    found = {**run["target"]["found"], **run["target"]["versions"]}
    if found:
        lines += ["", "## What was found", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {escaped(text)} |" for name, text in found.items()]
    return "\n".join(lines).rstrip() + "\n"


def _root_cause(cause: Row, rows: Mapping[str, Row]) -> Iterator[str]:
    """Yield the lines on one bug: what was seen, what fails, and what it blocks."""
    first, *others = (rows[identity] for identity in cause["failed"])
    known = ", expected" if first["expected_failure"] else ""
    yield f"## ❌ {first['id']} ({cause['level']}{known})"
    yield ""
    for each in first["evidence"]:
        yield f"- **Seen** {escaped(each['text'])}."
        if each["file"]:
            yield f"  <br>{_code(each)}"
    yield f"- **Requirement** {escaped(first['statement'])}"
    if first["expected"]:
        yield f"- **Expected** {escaped(first['expected'])}"
    yield f"- **Actual** {escaped(first['actual'])}"
    if first["cause"]:
        yield f"- **Usual cause** {escaped(first['cause'])}"
    for row in others:
        yield f"- **Also fails** `{row['id']}`: {escaped(row['actual'])}"
    if cause["blocked"]:
        yield f"- **Blocks** {', '.join(f'`{one}`' for one in cause['blocked'])}"
    yield f"- [The chapter]({first['chapter']})"
    yield ""


def _code(evidence: Row) -> str:
    return escaped(f"{evidence['file']}:{evidence['line']}  {evidence['source']}")


def summary(run: Mapping[str, Any]) -> str:
    """Return the figures of each level in one line, MUST first."""
    facts = [
        f"{level}: " + ", ".join(f"{n} {name}" for name, n in counted.items() if n)
        for level, counted in run["levels"].items()
        if any(counted.values())
    ]
    suite = " ".join(filter(None, run["suite"].values()))
    return "; ".join(
        [*facts, f"{run['seconds']:.0f} s", run["judged_at"], f"suite {suite}"]
    )


def escaped(text: str) -> str:
    """Return *text* in one line that means nothing to Markdown or HTML."""
    flat = " ".join(text.split())
    return re.sub(
        r"([\\`*_\[\]|])", r"\\\1", flat.replace("&", "&amp;").replace("<", "&lt;")
    )
