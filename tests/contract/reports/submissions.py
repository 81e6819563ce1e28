"""submissions.html, .md, .csv and .json: one summary of many submissions."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from tests.contract.reports.markdown import escaped
from tests.contract.verdicts import DIFFERS, FAILED, NOT_OFFERED, PASSED
from tests.harness.plugin.catalogue import AREAS

#: How many of the behaviours that most submissions miss are shown.
MOST = 10
#: How many root causes of a submission are shown.
CAUSES = 3

Report = Mapping[str, Any]
Judged = Mapping[str, Report]


def summaries(judged: Judged) -> dict[str, str]:
    """Return the text of each file of the summary, by its name."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows(table(judged))
    data = {
        "most_missed": [
            {"id": one, "statement": text, "submissions": names}
            for one, text, names in most_missed(judged)
        ],
        "submissions": {name: _facts(report) for name, report in judged.items()},
    }
    return {
        "submissions.md": markdown(judged),
        "submissions.html": page(judged),
        "submissions.csv": sheet.getvalue(),
        "submissions.json": json.dumps(data, indent=2, ensure_ascii=False) + "\n",
    }


def _facts(report: Report) -> dict[str, Any]:
    kept = ("status", "outcome", "headline", "problem", "grade", "counts", "seconds")
    areas = {area: list(held(report, area)) for area in areas_of([report])}
    facts = {name: report[name] for name in kept}
    return facts | {"areas": areas, "root_causes": report["root_causes"]}


def areas_of(reports: Sequence[Report]) -> list[str]:
    """Return the areas that were judged, in the order of the catalogue."""
    ids = [row["id"] for report in reports for row in report["behaviours"]]
    found = {identity.partition(".")[0] for identity in ids}
    return [area for area in AREAS if area in found]


def held(report: Report, area: str) -> tuple[int, int]:
    """Return how many behaviours of an area hold, and how many were judged."""
    outcomes = [
        row["outcome"]
        for row in report["behaviours"]
        if row["id"].partition(".")[0] == area and row["outcome"] != NOT_OFFERED
    ]
    return sum(one in (PASSED, DIFFERS) for one in outcomes), len(outcomes)


def most_missed(judged: Judged) -> list[tuple[str, str, list[str]]]:
    """Return the behaviours that fail more than once: id, sentence, submissions."""
    statements: dict[str, str] = {}
    missed: dict[str, list[str]] = {}
    for name, report in judged.items():
        for row in report["behaviours"]:
            if row["outcome"] == FAILED:
                statements[row["id"]] = row["statement"]
                missed.setdefault(row["id"], []).append(name)
    counted = Counter({identity: len(names) for identity, names in missed.items()})
    return [
        (identity, statements[identity], missed[identity])
        for identity, number in counted.most_common(MOST)
        if number > 1
    ]


def causes(report: Report) -> list[str]:
    """Return what is behind the failures of a submission, each with its place."""
    if report["problem"]:
        # The cause comes first, and what to do about it last.
        said = report["problem"].splitlines()
        return [" ".join([said[0], *said[1:][-1:]])]
    found = []
    for cause in report["root_causes"]:
        place = f" ({cause['file']}:{cause['line']})" if cause["file"] else ""
        found.append(f"{cause['summary']}{place}")
    more = len(found) - CAUSES
    return [*found[:CAUSES], *([f"and {more} more"] if more > 0 else [])]


def table(judged: Judged) -> list[list[str]]:
    """Return the table of all submissions, with its header."""
    areas = areas_of(list(judged.values()))
    graded = any(report["grade"] for report in judged.values())
    header = ["submission", "outcome", *(["points"] if graded else []), *areas]
    rows = [[*header, "passed", "failed", "blocked", "seconds", "root causes"]]
    for name, report in judged.items():
        grade, counts = report["grade"], report["counts"]
        points = f"{grade['score']:g}/{grade['max_score']}" if grade else ""
        cells = [name, report["outcome"], *([points] if graded else [])]
        for area in areas:
            number, total = held(report, area)
            cells.append(f"{number}/{total}" if total else "")
        cells += [str(counts.get(one, 0)) for one in ("passed", "failed", "blocked")]
        rows.append([*cells, f"{report['seconds']:.0f}", "; ".join(causes(report))])
    return rows


def markdown(judged: Judged) -> str:
    """Return the summary as Markdown, the most frequent failures first."""
    lines = [f"# {len(judged)} submissions", ""]
    if missed := most_missed(judged):
        lines += ["| most missed | behaviour | submissions |", "|---|---|--:|"]
        for identity, text, names in missed:
            share = f"{len(names)} of {len(judged)}"
            lines.append(f"| `{identity}` | {escaped(text)} | {share} |")
        lines.append("")
    header, *rows = table(judged)
    lines += [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    lines += [f"| {' | '.join(map(escaped, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def lines(judged: Judged) -> list[str]:
    """Return the summary for a terminal: what most miss, then a line for each."""
    found = []
    if missed := most_missed(judged):
        found = ["Most missed"]
        for identity, _, names in missed:
            found.append(f"  {len(names)} of {len(judged)}  {identity}")
        found.append("")
    header, *rows = table(judged)
    # The areas and root causes are for wider media.
    areas = set(areas_of(list(judged.values())))
    shown = [column for column in header[:-1] if column not in areas]
    cells = [[row[header.index(column)] for column in shown] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        found.append("  ".join(padded).rstrip())
    return found


def page(judged: Judged) -> str:
    """Return the summary as an HTML page whose columns sort by a click."""
    source = Path(__file__).with_name("submissions.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    header, *rows = table(judged)
    return environment.from_string(source).render(
        judged=judged,
        missed=most_missed(judged),
        header=header,
        rows=rows,
        areas=areas_of(list(judged.values())),
        causes={name: causes(report) for name, report in judged.items()},
    )
