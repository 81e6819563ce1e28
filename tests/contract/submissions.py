"""Judging many submissions side by side, and one summary of all."""

import csv
import html
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import HARNESS_BROKE
from tests.harness.plugin.catalogue import AREAS
from tests.harness.target.target import REPOSITORY

#: Seconds that one submission may take.
TIMEOUT = 900.0
HEADER = ("submission", "outcome", "passed", "failed", "blocked", "seconds", "headline")

Report = Mapping[str, Any]


def submissions_in(folder: Path) -> list[Path]:
    """Return the folders below a folder of submissions.

    Raises:
        CannotBeJudged: There is none, or the folder cannot be read.
    """
    try:
        found = sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.name.startswith((".", "_"))
        )
    except OSError as error:
        raise CannotBeJudged(
            f"--all {folder}: {error.strerror}. Name the folder that holds one folder "
            "for each submission."
        ) from None
    if not found:
        raise CannotBeJudged(
            f"--all {folder}: there is no folder in it. Unpack the archives of the "
            "submissions first, each into a folder of its own."
        )
    return found


def judge_submissions(
    folders: Sequence[Path],
    arguments: Sequence[str],
    reports: Path,
    terminal: Terminal,
) -> int:
    """Judge each folder in a process of its own, as many at once as there are cores.

    Args:
        folders: The submissions; a broken one stops none of the others.
        arguments: The other arguments of the command line.
        reports: The folder for the summary, and for a folder of reports each.
        terminal: Shows each end as it comes, and the summary.

    Returns:
        The highest exit status of all.
    """
    names = unique_names(folders)
    reports.mkdir(parents=True, exist_ok=True)

    def judge(number: int) -> Report:
        report = judge_one(folders[number], arguments, reports / names[number])
        terminal.line(f"{names[number]}: {report['headline']}.")
        return report

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        judged = dict(zip(names, pool.map(judge, range(len(folders))), strict=True))
    for name, text in summaries(judged).items():
        (reports / name).write_text(text, encoding="utf-8")
    terminal.line()
    for line in markdown(judged).splitlines():
        terminal.line(line)
    terminal.line()
    terminal.line(f"Reports: {reports}")
    return max(int(report["status"]) for report in judged.values())


def unique_names(folders: Sequence[Path]) -> list[str]:
    """Return the folders' names, with a number where two are the same."""
    total = Counter(folder.name for folder in folders)
    seen: Counter[str] = Counter()
    names = []
    for folder in folders:
        seen[folder.name] += 1
        number = f"-{seen[folder.name]}" if total[folder.name] > 1 else ""
        names.append(f"{folder.name}{number}")
    return names


def judge_one(folder: Path, arguments: Sequence[str], report: Path) -> Report:
    """Judge a folder; return its report, or one that says why there is none."""
    command = [sys.executable, "-m", "tests.contract", str(folder), *arguments]
    try:
        finished = subprocess.run(
            [*command, "--report", str(report)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
        )
        output = finished.stdout
    except subprocess.TimeoutExpired:
        output = f"It was not judged within {TIMEOUT:.0f} s"
    report.mkdir(parents=True, exist_ok=True)
    (report / "output.txt").write_text(output, encoding="utf-8")
    written = report / "behaviours.json"
    if written.exists():
        judged: Report = json.loads(written.read_text(encoding="utf-8"))
        return judged
    lines = output.strip().splitlines() or ["It printed nothing"]
    return {
        "status": HARNESS_BROKE,
        "outcome": "broken",
        "headline": lines[-1].rstrip("."),
        "counts": {},
        "seconds": 0.0,
        "behaviours": [],
        "root_causes": [],
    }


def rows(judged: Mapping[str, Report]) -> Iterator[tuple[object, ...]]:
    """Yield a row for each submission, and for each area how much of it holds."""
    for name, report in judged.items():
        count = report["counts"]
        yield (
            *(name, report["outcome"]),
            *(count.get(one, 0) for one in ("passed", "failed", "blocked")),
            *(round(report["seconds"]), report["headline"]),
            *(held(report, area) for area in areas(judged)),
        )


def areas(judged: Mapping[str, Report]) -> list[str]:
    """Return the areas that were judged, in the order of the catalogue."""
    found = {
        row["id"].partition(".")[0]
        for report in judged.values()
        for row in report["behaviours"]
    }
    return [area for area in AREAS if area in found]


def held(report: Report, area: str) -> str:
    """Return how many behaviours of an area hold, of those that were judged."""
    outcomes = [
        row["outcome"]
        for row in report["behaviours"]
        if row["id"].partition(".")[0] == area and row["outcome"] != "not offered"
    ]
    passed = sum(outcome in ("passed", "differs") for outcome in outcomes)
    return f"{passed}/{len(outcomes)}" if outcomes else ""


def most_missed(judged: Mapping[str, Report]) -> list[tuple[str, int]]:
    """Return the behaviours that fail in more than one submission, and in how many."""
    failed = Counter(
        row["id"]
        for report in judged.values()
        for row in report["behaviours"]
        if row["outcome"] == "failed"
    )
    return [(one, number) for one, number in failed.most_common(10) if number > 1]


def markdown(judged: Mapping[str, Report]) -> str:
    """Return the summary as Markdown, the most frequent failures first."""
    lines = [f"# {len(judged)} submissions", ""]
    if missed := most_missed(judged):
        lines += ["| most missed | submissions |", "|---|--:|"]
        lines += [f"| `{one}` | {number} |" for one, number in missed]
        lines += [""]
    header = [*HEADER, *areas(judged)]
    lines += [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for row in rows(judged):
        lines.append(f"| {' | '.join(str(one).replace('|', '/') for one in row)} |")
    return "\n".join(lines) + "\n"


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Submissions</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 1rem; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin-bottom: 2rem; }}
th, td {{ border: 1px solid #ccc; padding: .3rem .6rem; text-align: left; }}
th {{ cursor: pointer; background: #f4f4f4; }}
</style>
<h1>{title}</h1>
{tables}
<script>
const heads = document.querySelectorAll("th");
heads.forEach((head) => head.addEventListener("click", () => {{
  const body = head.closest("table").tBodies[0], column = head.cellIndex;
  const text = (row) => row.cells[column].textContent;
  const sorted = [...body.rows].sort((one, other) =>
    text(one).localeCompare(text(other), undefined, {{ numeric: true }}));
  if (body.rows[0] === sorted[0]) sorted.reverse();
  body.append(...sorted);
}}));
</script>
"""


def page(judged: Mapping[str, Report]) -> str:
    """Return the summary as an HTML page whose tables sort by a click on a heading."""
    tables = ""
    if missed := most_missed(judged):
        tables += table(("most missed", "submissions"), missed)
    tables += table([*HEADER, *areas(judged)], rows(judged), links=True)
    return PAGE.format(title=f"{len(judged)} submissions", tables=tables)


def table(header: Sequence[str], lines: Any, *, links: bool = False) -> str:
    """Return an HTML table; with links, the first cell leads to a folder's report."""
    head = "".join(f"<th>{html.escape(one)}</th>" for one in header)
    body = ""
    for line in lines:
        first, *others = (html.escape(str(one)) for one in line)
        if links:
            first = f'<a href="{first}/behaviours.html">{first}</a>'
        body += f"<tr><td>{'</td><td>'.join([first, *others])}</td></tr>\n"
    return (
        f"<div><table><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{body}</tbody></table></div>\n"
    )


def summaries(judged: Mapping[str, Report]) -> dict[str, str]:
    """Return the text of each file of the summary, by its name."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows([(*HEADER, *areas(judged)), *rows(judged)])
    data = {
        name: {
            key: report[key]
            for key in ("status", "outcome", "headline", "counts", "seconds")
        }
        | {"root_causes": report["root_causes"]}
        for name, report in judged.items()
    }
    return {
        "submissions.md": markdown(judged),
        "submissions.html": page(judged),
        "submissions.csv": sheet.getvalue(),
        "submissions.json": json.dumps(data, indent=2, ensure_ascii=False) + "\n",
    }
