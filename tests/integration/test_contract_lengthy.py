"""The contract run where it takes long."""

from pathlib import Path

import pytest

from tests.harness.contract.faulty import read_table
from tests.integration.judged import Run, judge, standin

pytestmark = [pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(300)]

#: What a profile says of the stand-in, so that not every run finds it out.
KNOWN = 'app = "app:app"\nschema = "models"\n'

#: A package that neither logs, nor mails, nor has error pages or pictures.
SILENT = """
from flask import Flask
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.from_object("config")
db = SQLAlchemy(app)
login = LoginManager(app)
login.login_view = "sign_in"

from app import views
"""

#: What the standard library's handlers do not do, by the areas of reporting.
BEYOND = {
    "mail.": {
        *("mail.context", "mail.never-blocks", "mail.no-secrets", "mail.storm"),
        *("mail.tls-table", "mail.well-formed"),
    },
    "log.": {
        *("log.beside-the-app", "log.commands-are-silent", "log.one-line-per-event"),
        *("log.removed", "log.unwritable", "log.utf8"),
    },
    "rotation.": {
        *("rotation.bytes", "rotation.killed", "rotation.many-processes"),
        "rotation.rename-refused",
    },
}
#: Since Python 3.12.2: https://github.com/python/cpython/issues/116263
MENDED = {"rotation.no-empty-backup"}


def ended(run: Run, outcome: str) -> set[str]:
    """Return the ids of the behaviours that ended so."""
    return {name for name, one in run.outcomes.items() if one == outcome}


def edit_about_me(target: Path, then: str) -> None:
    """Let the stand-in do something else when somebody describes himself."""
    views = target / "app" / "views.py"
    last = "    form = EditProfileForm(current_user.username, obj=current_user)\n"
    more = f"    if request.form.get('about_me'):\n        {then}\n"
    views.write_text(views.read_text().replace(last, last + more))


def test_whole_factory(tmp_path: Path) -> None:
    """Each behaviour that the factory offers holds, in every area."""
    run = judge(standin("factory", tmp_path))

    others = {name: how for name, how in run.outcomes.items() if how != "passed"}
    assert others == {"profile.own-edit-link": "not offered"}
    assert {name.partition(".")[0] for name in run.outcomes} == {
        *("start", "accounts", "profile", "edit-profile", "errors", "rollback"),
        *("mail", "log", "rotation", "debug", "security"),
    }


def test_hangs_in_the_middle(tmp_path: Path) -> None:
    """A target that begins to hang ends the run, before every test has waited."""
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
    """Standard handlers, set up as in the chapter, fail what they are known to fail."""
    run = judge(standin("modular", tmp_path), area, profile=KNOWN, level="should")

    assert run.status == 1, run.said
    assert ended(run, "failed") - MENDED == BEYOND[area]
    assert ended(run, "broken") == set()


def test_silent_implementation(tmp_path: Path) -> None:
    """Where nothing is logged or mailed that fails, and its absence elsewhere not."""
    target = standin("modular", tmp_path)
    (target / "app" / "__init__.py").write_text(SILENT)
    profile = target / "app" / "templates" / "profile.html"
    profile.write_text(profile.read_text().replace("<img", "<i"))

    run = judge(
        target,
        *("mail.error", "mail.not-for", "log.traceback", "log.level"),
        *("profile.page", "errors.500-says-notified"),
        profile=KNOWN,
    )

    assert run.status == 1, run.said
    assert ended(run, "failed") == {
        *("mail.error-is-mailed", "errors.500-says-notified", "log.traceback"),
    }
    assert "no error is mailed; ADMINS: ['editor@example.org']" in run.said
    assert ended(run, "not offered") == {"mail.not-for-client-errors", "log.level"}


def test_ends_in_the_middle(tmp_path: Path) -> None:
    """A target that ends while it is judged ends the run with its own last words."""
    target = standin("modular", tmp_path)
    # It does not start with mail either, which takes nothing else with it.
    [fault] = [one for one in read_table() if one.name == "dies only with mail set"]
    fault.put_into(target)
    edit_about_me(target, "import os; print('no more'); os._exit(3)")

    run = judge(target, "edit-profile.unchanged-name", profile=KNOWN)

    assert run.status == 2, run.said
    assert "none: it does not start with MAIL_SERVER set" in run.said
    assert "ended in the middle of a request (exit status 3)" in run.said
    assert "    no more\n" in run.said
