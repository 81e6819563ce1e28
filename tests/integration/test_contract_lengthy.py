"""Contract runs that take half a minute or more."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.harness.target.target import REPOSITORY
from tests.integration.contract_runs import (
    KNOWN,
    command,
    edit_about_me,
    judge,
    standin,
)

pytestmark = [pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(300)]

#: What the standard library's handlers lack, by area.
BEYOND = {
    "mail.": {
        *("mail.context", "mail.never-blocks", "mail.no-secrets", "mail.storm"),
        *("mail.tls-table", "mail.well-formed", "mail.outside-requests"),
    },
    "log.": {
        *("log.beside-the-app", "log.commands-are-silent", "log.one-line-per-event"),
        *("log.removed", "log.simultaneous-start", "log.unwritable", "log.utf8"),
        "log.other-loggers",
    },
    "rotation.": {
        *("rotation.bytes", "rotation.killed", "rotation.many-processes"),
        "rotation.rename-refused",
    },
}
#: Since Python 3.12.2: https://github.com/python/cpython/issues/116263
MENDED = {"rotation.no-empty-backup"}


#: Faults by the submission that has one: the file, the text, and what takes its place.
FAULTY = {
    "sound": ("errors.py", "404.html", "404.html"),
    "no-404": ("errors.py", "@app.errorhandler(404)", ""),
    "no-500": ("errors.py", "@app.errorhandler(500)", ""),
    "long-about-me": ("forms.py", "max=140", "max=200"),
    "not-missing": ("errors.py", '"404.html"), 404', '"404.html"), 200'),
}
WEIGHTS = """
[points]
default = 0
"errors.404-page" = 3
"errors.500-page" = 5
"edit-profile.about-me-140" = 7
"""
SCHEMA = REPOSITORY / "tests/unit/contract/schemas/classroom50.json"


def test_grades_are_what_the_weights_say(tmp_path: Path) -> None:
    """Faulty submissions lose the points of their fault, or the share of its tests."""
    (tmp_path / "class").mkdir()
    for name, (file, text, instead) in FAULTY.items():
        target = standin("modular", tmp_path)
        path = target / "app" / file
        path.write_text(path.read_text().replace(text, instead))
        shutil.move(target, tmp_path / "class" / name)
    (tmp_path / "weights.toml").write_text(WEIGHTS)

    finished = command(
        *("--all", str(tmp_path / "class"), "--report", str(tmp_path / "report")),
        *("--behaviour", "errors.404-page", "--behaviour", "errors.500-page"),
        *("--behaviour", "edit-profile.about-me-140", "--grade", "classroom50"),
        *("--weights", str(tmp_path / "weights.toml")),
    )

    assert finished.returncode == 0, finished.stdout
    results = {
        path.parent.name: json.loads(path.read_text())
        for path in tmp_path.glob("report/*/result.json")
    }
    for result in results.values():
        Draft202012Validator(json.loads(SCHEMA.read_text())).validate(result)
    # The share of the tests that pass, rounded down: one of the three of about-me, and
    # one of the two of the 500 page.
    assert {name: result["score"] for name, result in results.items()} == {
        **{"sound": 15, "no-404": 12, "no-500": 12, "long-about-me": 10},
        "not-missing": 12,
    }


def test_whole_factory(tmp_path: Path) -> None:
    """Each behaviour that the factory offers holds, in every area."""
    run = judge(standin("factory", tmp_path))

    others = {name: how for name, how in run.outcomes.items() if how != "passed"}
    assert others == {
        "profile.own-edit-link": "not offered",
        "log.file": "differs",
        "log.format": "differs",
        "mail.error-is-mailed": "differs",
    }
    assert {name.partition(".")[0] for name in run.outcomes} == {
        *("start", "accounts", "profile", "edit-profile", "errors", "rollback"),
        *("mail", "log", "rotation", "debug", "security"),
    }


def test_hangs_in_the_middle(tmp_path: Path) -> None:
    """If a target hangs during a run, the run ends after three timeouts."""
    target = standin("modular", tmp_path)
    wait = "import threading; print('a moment'); wait = threading.Event().wait"
    edit_about_me(
        target, f"{wait}; app.before_request_funcs[None].insert(0, lambda: wait())"
    )

    run = judge(target, "edit-profile", profile=KNOWN)

    assert run.status == 2, run.said
    assert "The target hangs: 3 tests in a row got no answer" in run.said
    assert "    a moment\n" in run.said


@pytest.mark.parametrize("area", BEYOND)
def test_production_needs_more(tmp_path: Path, area: str) -> None:
    """The chapter's handlers fail exactly the behaviours beyond the chapter."""
    run = judge(standin("modular", tmp_path), area, profile=KNOWN, level="should")

    assert run.status == 1, run.said
    assert run.ended("failed") - MENDED == BEYOND[area]
    assert run.ended("broken") == set()
