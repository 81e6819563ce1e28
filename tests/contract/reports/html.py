"""behaviours.html: a run as one page that needs nothing besides itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from tests.contract.reports.markdown import summary

MARKS = {
    "passed": "✓",
    "failed": "✗",
    "differs": "≈",
    "blocked": "⊘",
    "not offered": "–",
    "broken": "!",
}
#: Outcomes that have a section of their own below the root causes.
SECTIONS = (
    ("What the harness could not judge", "broken"),
    ("What differs from the chapter in wording", "differs"),
    ("What is not offered", "not offered"),
)


def page(run: Mapping[str, Any]) -> str:
    """Return the run, as :func:`document` has it, as HTML."""
    source = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    rows = run["behaviours"]
    areas: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        areas.setdefault(row["id"].partition(".")[0], []).append(row)
    return environment.from_string(source).render(
        run=run,
        name=Path(run["target"]["folder"]).name,
        summary=summary(run),
        sections=SECTIONS,
        rows={row["id"]: row for row in rows},
        shares=[(name, run["counts"][name]) for name in MARKS if run["counts"][name]],
        areas=list(areas.items()),
        counts={area: _counts(each) for area, each in areas.items()},
        marks=MARKS,
        found=[*run["target"]["found"].items(), *run["target"]["versions"].items()],
    )


def _counts(rows: list[Mapping[str, Any]]) -> str:
    """Return the outcomes of an area in words."""
    seen = [row["outcome"] for row in rows]
    return ", ".join(f"{seen.count(name)} {name}" for name in MARKS if name in seen)
