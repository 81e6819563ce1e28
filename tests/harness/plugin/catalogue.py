"""The catalogue of behaviours, made from the tests.

``python -m tests.harness.plugin.catalogue`` writes docs/behaviours.md. With ``--check``
it only reports whether the file is up to date.
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
    """One row: a behaviour, its level, its sources, and the tests that prove it."""

    identity: str
    level: str
    sources: list[str] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    #: Whether a contract run judges it in other implementations.
    portable: bool = False

    @property
    def area(self) -> str:
        """The part of the id before the dot."""
        return self.identity.partition(".")[0]


class Ambiguous(SystemExit):
    """Two tests give a behaviour different levels."""


def gather(items: Iterable[pytest.Item]) -> list[Behaviour]:
    """Return the behaviours that tests prove, by area and then by id."""
    found: dict[str, Behaviour] = {}
    for item in items:
        # pytest-xdist appends the group of a test after an @.
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
    """Return the catalogue as Markdown, with a table for each area."""
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
    """A pytest plugin that records all collected tests, even deselected ones."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Record a test."""
        self.items.append(item)


def collect(folder: Path = REPOSITORY) -> list[pytest.Item]:
    """Collect the tests of a folder and return them in the order of their ids."""
    collector = _Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(
            ["--collect-only", "-q", f"--rootdir={folder}", str(folder / "tests")],
            plugins=[collector],
        )
    if status != pytest.ExitCode.OK:
        raise SystemExit(output.getvalue())
    return sorted(collector.items, key=lambda item: item.nodeid)


def update(catalogue: Path, text: str, *, check: bool) -> int:
    """Write a text to the catalogue or, for a *check*, compare it.

    Returns:
        The exit status.
    """
    if not check:
        catalogue.parent.mkdir(exist_ok=True)
        catalogue.write_text(text, encoding="utf-8")
        return 0
    if catalogue.exists() and catalogue.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(
        f"{catalogue} is outdated: python -m tests.harness.plugin.catalogue\n"
    )
    return 1


if __name__ == "__main__":
    text = render(gather(collect()))
    raise SystemExit(update(CATALOGUE, text, check="--check" in sys.argv))
