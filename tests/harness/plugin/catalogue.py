"""
The catalogue of behaviours, read off the tests.

``python -m tests.harness.plugin.catalogue`` writes docs/behaviours.md; with ``--check``
it only says whether the file is right.
"""

import contextlib
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.harness.plugin.behaviour import behaviours
from tests.harness.plugin.portable import is_portable
from tests.harness.target.target import REPOSITORY

CATALOGUE = REPOSITORY / "docs" / "behaviours.md"

#: The areas, in the order of the catalogue; others follow by name.
AREAS = (
    *("start", "accounts", "profile", "posts", "edit-profile", "errors", "rollback"),
    *("mail", "log", "rotation", "debug", "security", "config", "data", "pages"),
)

PREFACE = """\
# What the microblog does

Made from the tests by `python -m tests.harness.plugin.catalogue`; a test checks
that it is up to date. `pytest --behaviour PREFIX` runs the tests of the ids that start
so.

MUST: the tutorial chapter states it. SHOULD: production needs it beyond the chapter.
Own only: `tox -e contract` does not ask it of other implementations.
"""


@dataclass
class Behaviour:
    """One row: what holds, how binding it is, who says so, and what proves it."""

    identity: str
    level: str
    sources: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    #: Whether a contract run judges it of other implementations too.
    portable: bool = False

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


class Ambiguous(SystemExit):
    """Two tests disagree about a behaviour."""


def gather(items: Iterable[pytest.Item]) -> list[Behaviour]:
    """Return the behaviours that *items* prove, area by area, then by id."""
    found: dict[str, Behaviour] = {}
    for item in items:
        # Behind an @ stands the group by which pytest-xdist distributes it.
        test = item.nodeid.partition("[")[0].partition("@")[0]
        docstring = getattr(item, "obj", None).__doc__ or ""
        for identity, level, source in behaviours(item):
            row = found.setdefault(identity, Behaviour(identity, level))
            if row.level != level:
                raise Ambiguous(
                    f"{identity} is {row.level} in {row.tests[0]} and {level} in {test}"
                )
            _add(row.sources, source)
            _add(row.statements, first_sentence(docstring))
            _add(row.tests, test)
            row.portable = row.portable or is_portable(item)
    return sorted(found.values(), key=_place)


def first_sentence(docstring: str) -> str:
    """Return the first paragraph of *docstring* as one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


def _add(entries: list[str], entry: str) -> None:
    if entry and entry not in entries:
        entries.append(entry)


def _place(row: Behaviour) -> tuple[int, str, str]:
    known = AREAS.index(row.area) if row.area in AREAS else len(AREAS)
    return known, row.area, row.identity


def render(rows: Iterable[Behaviour]) -> str:
    """Return the catalogue as Markdown, a table for each area."""
    lines = [PREFACE]
    area = None
    for row in rows:
        if row.area != area:
            area = row.area
            lines += [
                f"\n## {area}\n",
                "| id | level | behaviour | source | tests |",
                "|---|---|---|---|---|",
            ]
        cells = [
            f"`{row.identity}`",
            row.level if row.portable else f"{row.level}, own only",
            "<br>".join(map(_escape, row.statements)),
            "<br>".join(map(_escape, row.sources)),
            "<br>".join(map(_link, row.tests)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[`{name}`](../{path})"


class _Collector:
    """A pytest plugin that keeps what was found, that of the other database too."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Keep a test, whether it is to run or not."""
        self.items.append(item)


def collect(folder: Path = REPOSITORY) -> list[pytest.Item]:
    """Return the tests of *folder*, in the order of the files, without running them."""
    collector = _Collector()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(
            ["--collect-only", "-q", f"--rootdir={folder}", str(folder / "tests")],
            plugins=[collector],
        )
    if status != pytest.ExitCode.OK:
        raise SystemExit(said.getvalue())
    return sorted(collector.items, key=lambda item: item.nodeid)


def update(catalogue: Path, right: str, *, check: bool) -> int:
    """Write the *right* text or, for a *check*, compare it; return the exit status."""
    if not check:
        catalogue.parent.mkdir(exist_ok=True)
        catalogue.write_text(right, encoding="utf-8")
        return 0
    if catalogue.exists() and catalogue.read_text(encoding="utf-8") == right:
        return 0
    sys.stderr.write(f"{catalogue} is old: python -m tests.harness.plugin.catalogue\n")
    return 1


if __name__ == "__main__":
    text = render(gather(collect()))
    raise SystemExit(update(CATALOGUE, text, check="--check" in sys.argv))
