"""Renders a difference for a terminal, as Markdown, and as an HTML page."""

import json
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path

import jinja2

from tests.contract.reports.markdown import escaped
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import Change, Difference

TITLES = {
    "broken": "Broken",
    "fixed": "Fixed",
    "new": "New",
    "gone": "Gone",
    "flaky": "Flaky: another outcome when judged again",
}


def _outcomes(change: Change) -> str:
    return f"{change.before or 'not judged'} -> {change.after or 'not judged'}"


def show(difference: Difference, terminal: Terminal) -> None:
    """Print a difference."""
    terminal.pairs("Compared", [("old", difference.old), ("new", difference.new)])
    for kind, changes in difference.changes.items():
        if changes:
            terminal.line()
            terminal.line(f"{TITLES[kind]} ({len(changes)})")
        for change in changes:
            terminal.line(f"  {change.id} ({change.level}): {_outcomes(change)}")
            for line in change.reason.splitlines():
                terminal.line(textwrap.indent(textwrap.fill(line, 82), "      "))
    if difference.packages:
        terminal.line()
        terminal.line("Packages that changed")
    for package in difference.packages:
        terminal.line(f"  {package}")
    terminal.line()
    terminal.line(f"{difference.headline}.")


def markdown(difference: Difference) -> str:
    """Return a difference as Markdown."""
    lines = [f"# {escaped(difference.headline)}", ""]
    lines += [f"- **old** {escaped(difference.old)}"]
    lines += [f"- **new** {escaped(difference.new)}", ""]
    for kind, changes in difference.changes.items():
        if changes:
            lines += [f"## {TITLES[kind]}", "", "| id | level | verdict | seen |"]
            lines += ["|---|---|---|---|"]
            lines += [
                f"| `{change.id}` | {change.level} | {_outcomes(change)} "
                f"| {escaped(change.reason)} |"
                for change in changes
            ]
            lines += [""]
    if difference.packages:
        lines += ["## Packages that changed", "", "| package | old | new |"]
        lines += ["|---|---|---|"]
        lines += [
            f"| {one.name} | {one.before} | {one.after} |"
            for one in difference.packages
        ]
    return "\n".join(lines).rstrip() + "\n"


def page(difference: Difference) -> str:
    """Return a difference as a self-contained HTML page."""
    source = (Path(__file__).parent / "difference.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(source).render(
        difference=difference, titles=TITLES, outcomes=_outcomes
    )


def write(difference: Difference, folder: Path) -> list[Path]:
    """Write a difference to a folder, which is created if it is missing.

    Returns:
        The files difference.json, .md and .html.

    Raises:
        CannotBeJudged: It cannot be written.
    """
    texts = {
        "difference.json": json.dumps(
            difference.as_data(), indent=2, ensure_ascii=False
        ),
        "difference.md": markdown(difference),
        "difference.html": page(difference),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        message = f"The difference cannot be written to {folder}: {error}"
        raise CannotBeJudged(message) from None
    return [folder / name for name in texts]


def publish(
    difference: Difference,
    terminal: Terminal,
    folder: Path | None,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Print a difference, and write the requested files.

    Args:
        folder: The folder for the files, None for no files.
        environ: The environment variables; the Markdown is appended to the file in
            ``GITHUB_STEP_SUMMARY``.

    Returns:
        The exit status.
    """
    show(difference, terminal)
    if summary := environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(markdown(difference))
    if folder is not None:
        written = write(difference, folder)
        terminal.line(f"Reports: {', '.join(map(str, written))}")
    return difference.status
