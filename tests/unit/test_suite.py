"""The suite's own manners: what it may not do, and what it may not leave out."""

import ast
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from app.config import SETTINGS, Setting
from tests.harness.plugin.catalogue import AREAS, CATALOGUE, gather, render
from tests.harness.plugin.hooks import COLLECTED
from tests.unit.sources import read

# They read all sources: one worker does so.
pytestmark = pytest.mark.xdist_group("sources")

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tests").rglob("*.py"))
MODULES = [path for path in SOURCES if path.name.startswith("test_")]
TEMPLATES = ROOT / "app" / "templates"
PROMISED = Path(__file__).with_name("required_behaviours.toml")

#: What leaves tests out, by the file that has it, and why that is right.
LEFT_OUT = {
    ("tests/integration/browser/conftest.py", "pytest.skip"): "there is no browser",
    ("tests/integration/test_log_trouble.py", "pytest.mark.skipif"): (
        "only Linux has a device that is a full disk"
    ),
    ("tests/integration/test_log_trouble.py", "pytest.importorskip"): (
        "Windows locks in another way"
    ),
    ("tests/integration/test_rotation_killed.py", "pytest.mark.skipif"): (
        "only Linux tells who holds a lock"
    ),
    ("tests/unit/harness/database/test_postgres_server.py", "pytest.importorskip"): (
        "Windows makes no user for a server"
    ),
    ("tests/unit/reporting/test_disk_full.py", "pytest.importorskip"): (
        "Windows has no limit on the size of files"
    ),
    ("tests/unit/test_secret_key.py", "pytest.mark.skipif"): (
        "Windows has no permission bits, and links need a right of their own there"
    ),
}


def name(path: Path) -> str:
    """A module's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def test_statements_are_facts() -> None:
    """Each test states one fact in one sentence of at most 100 characters."""
    assert [
        f"{name(path)}: {text}"
        for path in MODULES
        for text in read(path).statements
        if not re.fullmatch(r"[^a-z].{10,98}\.", text)
        or re.search(r"\bshould\b|\btests? that\b", text, re.IGNORECASE)
    ] == []


def test_statements_are_unique() -> None:
    """No two tests state the same fact."""
    counted = Counter(
        text.casefold() for path in MODULES for text in read(path).statements
    )

    assert [text for text, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param(r"\bsleep\(", id="sleep"),
        pytest.param(r"\b(from|import) _pytest", id="private-pytest"),
        pytest.param(r"(==|in [(\[{].*)\s*302\b", id="redirect-status"),
        pytest.param(r"\bmock\b", id="mock"),
    ],
)
def test_nothing_forbidden(forbidden: str) -> None:
    """No test sleeps, uses mocks or private parts, or counts on a 302."""
    assert occurrences(forbidden) == []


def test_integration_tests_do_not_patch() -> None:
    """Only unit tests patch: clocks, threads, sockets, process ids."""
    assert [
        one
        for one in occurrences(r"\bmonkeypatch\.setattr")
        if not one.startswith("tests/unit/")
    ] == []


def occurrences(pattern: str) -> list[str]:
    """Where a pattern is found in the suite, this module excepted."""
    return [
        f"{name(path)}: {match[0]}"
        for path in SOURCES
        if path != Path(__file__)
        for match in re.finditer(pattern, read(path).text)
    ]


def test_nothing_is_left_out() -> None:
    """A test is left out only where what it needs of the system is not there."""
    found = {(name(path), one) for path in SOURCES for one in read(path).skips}

    assert found == set(LEFT_OUT)


@pytest.mark.parametrize(
    "text",
    [
        *("pytest.skip('why')", "mark.skip", "@mark.skipif(True)\ndef f(): ..."),
        *("pytest.importorskip('x')", "raise pytest.skip.Exception", "mark.xfail()"),
        *("from pytest import skip as leave", "self.skipTest('why')"),
    ],
)
def test_leaving_out_is_seen(tmp_path: Path, text: str) -> None:
    """Each way to leave a test out is seen, under whatever name it is imported."""
    module = tmp_path / "test_it.py"
    module.write_text(text)

    assert read(module).skips


def test_integration_tests_know_no_code() -> None:
    """Neither the integration tests nor the harness import the application."""
    found = [
        name(path)
        for folder in ("integration", "harness")
        for path in sorted((ROOT / "tests" / folder).rglob("*.py"))
        if any(one.partition(".")[0] == "app" for one in read(path).imported)
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
    assert missing == [], "old: python -m tests.harness.plugin.catalogue"
    assert is_part(items) or catalogue == render(rows), (
        "old: python -m tests.harness.plugin.catalogue"
    )


def test_behaviours_are_proven(request: pytest.FixtureRequest) -> None:
    """Each behaviour of the catalogue has a test, whatever database is in use."""
    items = request.config.stash[COLLECTED]
    proven = {row.identity for row in gather(items)}
    listed = re.findall(r"^\| `(.+?)` \|", CATALOGUE.read_text("utf-8"), re.MULTILINE)

    assert listed
    assert is_part(items) or [one for one in listed if one not in proven] == []


def documented() -> dict[str, str]:
    """The level of each behaviour in the catalogue."""
    row = re.compile(r"^\| `(.+?)` \| (MUST|SHOULD)\b", re.MULTILINE)
    return dict(row.findall(CATALOGUE.read_text(encoding="utf-8")))


def test_promises_are_kept() -> None:
    """What was promised is in the catalogue, and so has tests, at its level."""
    promised = {
        f"{area}.{slug}": level
        for area, levels in tomllib.loads(PROMISED.read_text("utf-8")).items()
        for level, slugs in levels.items()
        for slug in slugs
    }

    assert promised.items() - documented().items() == set()


def test_areas_are_known() -> None:
    """Each area of the catalogue is one that the harness puts in its place."""
    assert {identity.partition(".")[0] for identity in documented()} == set(AREAS)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_settings_are_tried(setting: Setting) -> None:
    """Each setting is given to an application that is served."""
    harness, integration = ROOT / "tests" / "harness", ROOT / "tests" / "integration"
    serving = {*harness.rglob("*.py"), *integration.rglob("*.py")}

    assert any(
        setting.name in read(path).literals
        for path in serving - {*(integration / "harness").rglob("*.py")}
    )


def test_templates_are_used() -> None:
    """Each template is rendered by a view or taken in by one that is."""
    found = {
        node.args[0].value
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "render_template"
        and isinstance(node.args[0], ast.Constant)
    }
    for template in (waiting := list(found)):
        source = (TEMPLATES / str(template)).read_text(encoding="utf-8")
        taken = set(meta.find_referenced_templates(Environment().parse(source)))
        waiting += taken - found
        found |= taken

    assert found == {
        path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")
    }
