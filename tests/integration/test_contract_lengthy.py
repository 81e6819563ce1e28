"""Contract runs that take half a minute or more."""

from pathlib import Path

import pytest

from tests.integration.contract_runs import KNOWN, edit_about_me, judge, standin

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
    """A target that starts to hang ends the run before each test times out."""
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
    """The chapter's standard handlers fail exactly the behaviours known to fail."""
    run = judge(standin("modular", tmp_path), area, profile=KNOWN, level="should")

    assert run.status == 1, run.said
    assert run.ended("failed") - MENDED == BEYOND[area]
    assert run.ended("broken") == set()
