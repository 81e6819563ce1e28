"""The suite's own manners: what it may not do, and what it may not leave out."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import SETTINGS
from tests.harness.catalogue import CATALOGUE, gather, render
from tests.harness.plugin import COLLECTED

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tests").rglob("*.py"))
MODULES = [path for path in SOURCES if path.name.startswith("test_")]
TEMPLATES = ROOT / "app" / "templates"


def cases(path: Path) -> Iterator[ast.FunctionDef]:
    """The test functions of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def statement(test: ast.FunctionDef) -> str:
    """The first sentence of a test's docstring, "" if it has none."""
    first = (ast.get_docstring(test) or "").partition("\n\n")[0]
    return " ".join(first.split())


def name(path: Path) -> str:
    """A module's path in the repository, as its test's id."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_statements_are_facts(path: Path) -> None:
    """Each test states one fact in one sentence of at most 100 characters."""
    statements = [statement(test) for test in cases(path)]

    assert [
        text
        for text in statements
        if not re.fullmatch(r"[^a-z].{10,98}\.", text)
        or re.search(r"\bshould\b|\btests? that\b", text, re.IGNORECASE)
    ] == []


def test_statements_are_unique() -> None:
    """No two tests state the same fact."""
    counted = Counter(
        statement(test).casefold() for path in MODULES for test in cases(path)
    )

    assert [text for text, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param(r"\bsleep\(", id="sleep"),
        pytest.param(r"\b(from|import) _pytest", id="private-pytest"),
        pytest.param(r"(==|in [(\[{].*)\s*302\b", id="redirect-status"),
        pytest.param(r"\bmonkeypatch\.setattr|\bmock\b", id="patching"),
        pytest.param(r"pytest\.skip\(|mark\.skip\b|mark\.xfail", id="skipping"),
    ],
)
def test_nothing_forbidden(forbidden: str) -> None:
    """No test sleeps, patches or skips, uses private parts or counts on a 302."""
    found = [
        f"{name(path)}: {line.strip()}"
        for path in SOURCES
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(forbidden, line)
    ]

    assert found == []


def test_integration_tests_know_no_code() -> None:
    """Neither the integration tests nor the harness import the application."""
    found = [
        name(path)
        for folder in ("integration", "harness")
        for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
        if "app" in imported(path)
    ]

    assert found == []


def is_part(items: list[pytest.Item]) -> bool:
    """Whether only some modules were collected: nothing is missed among the others."""
    return not {item.path for item in items} >= set(MODULES)


def test_catalogue_is_up_to_date(request: pytest.FixtureRequest) -> None:
    """The catalogue in docs/ is what the tests say, as far as they were collected."""
    items = request.config.stash[COLLECTED]
    rows = gather(sorted(items, key=lambda item: item.nodeid))
    catalogue = CATALOGUE.read_text(encoding="utf-8")

    missing = [
        row.identity
        for row in rows
        if f"| `{row.identity}` | {row.level}" not in catalogue
    ]
    assert missing == [], "old: python -m tests.harness.catalogue"
    assert is_part(items) or catalogue == render(rows), (
        "old: python -m tests.harness.catalogue"
    )


def test_behaviours_are_proven(request: pytest.FixtureRequest) -> None:
    """Each behaviour of the catalogue has a test, whatever database is in use."""
    items = request.config.stash[COLLECTED]
    proven = {row.identity for row in gather(items)}
    listed = re.findall(r"^\| `(.+?)` \|", CATALOGUE.read_text("utf-8"), re.MULTILINE)

    assert listed
    assert is_part(items) or [one for one in listed if one not in proven] == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_settings_are_documented(setting: object) -> None:
    """Each setting stands in the README, and in a test."""
    variable = str(getattr(setting, "name", ""))
    written = "".join(path.read_text("utf-8") for path in MODULES)

    assert f"`{variable}`" in (ROOT / "README.md").read_text("utf-8")
    assert f'"{variable}"' in written


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=name)
def test_templates_are_used(path: Path) -> None:
    """Each template is rendered by a view or taken in by another template."""
    used = "".join(
        other.read_text(encoding="utf-8")
        for other in (ROOT / "app").rglob("*")
        if other.suffix in {".py", ".html"} and other != path
    )

    assert f'"{path.relative_to(TEMPLATES).as_posix()}"' in used
