"""The suite's own rules."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from app.config import SETTINGS
from tests.harness.plugin.catalogue import BEHAVIOURS
from tests.harness.plugin.docs import (
    COMMAND,
    PAGE,
    is_asked_of_others,
    proofs,
    right_page,
)
from tests.integration.test_config import SEEN_AT_WORK, environment
from tests.unit.sources import Source, read

# These tests read all sources, so one worker runs all of them.
pytestmark = pytest.mark.xdist_group("sources")

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "tests").rglob("*.py"))
MODULES = [path for path in SOURCES if path.name.startswith("test_")]
#: The modules that know no code of the application and patch nothing. The probe is not
#: among them, as it makes the application fail from within.
PORTABLE = [
    path
    for path in SOURCES
    if path.relative_to(ROOT).parts[1] in ("integration", "harness")
    and "inside" not in path.parts
]
TEMPLATES = ROOT / "app" / "templates"

#: By file and what skips tests there: why they are skipped.
SKIPPED = {
    ("tests/integration/browser/conftest.py", "pytest.skip"): "there is no browser",
    ("tests/integration/test_log_trouble.py", "pytest.mark.skipif"): (
        "only Linux has a device that is a full disk"
    ),
    ("tests/integration/test_log_trouble.py", "pytest.importorskip"): (
        "Windows has no fcntl"
    ),
    ("tests/integration/test_rotation_killed.py", "pytest.mark.skipif"): (
        "only Linux reports who holds a lock"
    ),
    ("tests/unit/harness/database/test_postgres_server.py", "pytest.importorskip"): (
        "Windows has no fcntl"
    ),
    ("tests/unit/reporting/test_rotating_file.py", "pytest.importorskip"): (
        "Windows has no limit on the size of files"
    ),
    ("tests/unit/test_secret_key.py", "pytest.mark.skipif"): (
        "Windows has no permission bits, and links require a privilege there"
    ),
}

#: By file: why it lets time pass without waiting for a condition.
PAUSES = {
    "tests/harness/waiting.py": "this is how the suite waits: it polls",
    "tests/harness/probe/inside/harness_probe/barrier.py": "it polls in the target",
    "tests/harness/mail/smtp_protocol.py": "a misbehaving server is slow or silent",
    "tests/harness/mail/smtp_server.py": "it polls in an event loop when it stops",
}


def name(path: Path) -> str:
    """Return a module's path in the repository."""
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


def test_waits_have_a_condition() -> None:
    """Only polling lets time pass without a condition."""
    found = {
        name(path): read(path).pauses
        for path in SOURCES
        if path != Path(__file__) and read(path).pauses
    }

    assert {path: pauses for path, pauses in found.items() if path not in PAUSES} == {}
    assert found.keys() == PAUSES.keys()


@pytest.mark.parametrize(
    "text",
    [
        *("time.sleep(1)", "from time import sleep as nap", "nap = time.sleep"),
        *("await asyncio.sleep(1)", "threading.Event().wait(1)"),
        *("never = Event()\nnever.wait(1)", "self.never = Event()\nself.never.wait()"),
        *("select.select([], [], [], 1)", "loop.call_later(1, done.set)"),
        *("PROGRAM = 'import time; time.sleep(1)'", "'threading.Event().wait(1)'"),
    ],
)
def test_pauses_are_found(text: str) -> None:
    """Each way to let time pass is found, under whatever name it is imported."""
    assert Source.parse(text).pauses


@pytest.mark.parametrize(
    "text",
    [
        "done = Event()\nThread(target=done.set).start()\ndone.wait(5)",
        *(
            "start_process().wait(5)",
            "thread.join(5)",
            "select.select([server], [], [], 5)",
        ),
        "'SELECT pg_sleep(1)'",
    ],
)
def test_waits_are_no_pauses(text: str) -> None:
    """Waiting for an event, a process, a thread or a socket is not a pause."""
    assert not Source.parse(text).pauses


def test_integration_tests_do_not_patch() -> None:
    """Only unit tests replace objects, such as clocks, threads and sockets."""
    assert [
        f"{name(path)}: {one}"
        for path in PORTABLE
        for source in [read(path)]
        for one in [*source.patches, *source.imported]
        if one in source.patches or "mock" in one.split(".")
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        *("monkeypatch.setattr(time, 'time', f)", "patch.delitem(sys.modules, 'x')"),
        *("import smtplib\nsmtplib.SMTP = Fake", "import os as o\nsetattr(o, 'x', 1)"),
        *("from app import views\nviews.db = None", "import x\ndel x.y"),
    ],
)
def test_patches_are_found(text: str) -> None:
    """Each way to replace an attribute of another module is found."""
    assert Source.parse(text).patches


def test_redirects_are_not_counted_on() -> None:
    """No test requires a redirect to have the status 302."""
    assert [
        f"{name(path)}: {one}" for path in SOURCES for one in read(path).found_302
    ] == []


@pytest.mark.parametrize("text", ["page.status == 302", "status in (200, 302)"])
def test_redirect_status_is_found(text: str) -> None:
    """A comparison with 302 is found, alone or among other statuses."""
    assert Source.parse(text).found_302


def test_nothing_else_is_skipped() -> None:
    """A test is skipped only where the system lacks what it needs."""
    found = {(name(path), one) for path in SOURCES for one in read(path).skips}

    assert found == set(SKIPPED)


@pytest.mark.parametrize(
    "text",
    [
        *("pytest.skip('why')", "mark.skip", "@mark.skipif(True)\ndef f(): ..."),
        *("pytest.importorskip('x')", "raise pytest.skip.Exception", "mark.xfail()"),
        *("from pytest import skip as leave", "self.skipTest('why')"),
    ],
)
def test_skips_are_found(text: str) -> None:
    """Each way to skip a test is found, under whatever name it is imported."""
    assert Source.parse(text).skips


def test_integration_tests_know_no_code() -> None:
    """Neither the integration tests nor the harness import the application."""
    assert [
        name(path)
        for path in PORTABLE
        if any(one.partition(".")[0] == "app" for one in read(path).imported)
    ] == []


def test_catalogue_is_up_to_date() -> None:
    """The page docs/behaviours.md is what the catalogue and the tests say."""
    assert PAGE.read_text(encoding="utf-8") == right_page(), f"out of date: {COMMAND}"
    assert PAGE.stat().st_size < 25_000


def test_behaviours_are_proven() -> None:
    """Each behaviour has a test; all but the own ones are asked of others."""
    found = proofs()
    proven = {proof.identity for proof in found}
    asked = {proof.identity for proof in found if is_asked_of_others(proof)}

    assert BEHAVIOURS.keys() - proven == set()
    assert {
        identity
        for identity, behaviour in BEHAVIOURS.items()
        if behaviour.own_only == (identity in asked)
    } == set()


def test_settings_are_tried() -> None:
    """Each setting is given to an application that is served."""
    assert {setting.name for setting in SETTINGS} == (
        environment(ROOT).keys() | SEEN_AT_WORK
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
