"""The contract run, on implementations that stand in for other people's."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.contract.faulty import STANDINS
from tests.harness.target import REPOSITORY

pytestmark = pytest.mark.timeout(300)

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


def judge(target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command on *target*."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.harness.contract"),
            *("--target", str(target), *arguments),
        ],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
    )


def outcomes(report: Path) -> dict[str, str]:
    """Return the outcome of each behaviour, by its id."""
    run = json.loads((report / "behaviours.json").read_text())
    return {row["id"]: row["outcome"] for row in run["behaviours"]}


def test_factory_with_blueprints(tmp_path: Path) -> None:
    """A factory with blueprints and words of its own is found out and judged."""
    prefixes = ("start", "profile", "edit-profile.rename")
    wanted = [text for prefix in prefixes for text in ("--behaviour", prefix)]

    run = judge(STANDINS / "factory", "--report", str(tmp_path), *wanted)

    assert (run.returncode, "0 failed" in run.stdout) == (0, True), run.stdout
    found = outcomes(tmp_path)
    assert found.pop("profile.own-edit-link") == "not offered"
    assert set(found.values()) == {"passed"}


def test_silent_implementation(tmp_path: Path) -> None:
    """Where nothing is logged or mailed that fails, and its absence elsewhere not."""
    target = tmp_path / "silent"
    shutil.copytree(STANDINS / "modular", target)
    (target / "app" / "__init__.py").write_text(SILENT)
    profile = target / "app" / "templates" / "profile.html"
    profile.write_text(profile.read_text().replace("<img", "<i"))
    prefixes = ("mail", "log", "profile.page", "errors.500-says-notified")
    wanted = [text for prefix in prefixes for text in ("--behaviour", prefix)]

    run = judge(target, "--report", str(tmp_path / "report"), *wanted)

    assert run.returncode == 1, run.stdout
    found = outcomes(tmp_path / "report")
    assert {name for name, outcome in found.items() if outcome == "failed"} == {
        *("mail.error-is-mailed", "mail.logged-error-is-mailed"),
        *("mail.credentials", "mail.starttls", "errors.500-says-notified"),
        *("log.file", "log.directory-made", "log.format", "log.startup"),
        "log.traceback",
    }
    assert {name for name, outcome in found.items() if outcome == "not offered"} == {
        *("mail.off-without-server", "mail.off-in-debug", "mail.not-for-client-errors"),
        *("log.level", "log.off-in-debug"),
    }


def test_nobody_gets_in(tmp_path: Path) -> None:
    """Where registering stores nobody, that one behaviour fails, and it is said why."""
    target = tmp_path / "closed"
    shutil.copytree(STANDINS / "modular", target)
    views = target / "app" / "views.py"
    views.write_text(views.read_text().replace("        db.session.add(user)\n", ""))

    run = judge(target)

    assert run.returncode == 1, run.stdout
    assert "FAILED accounts.register (MUST)" in run.stdout
    assert "no user is stored" in run.stdout


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "There is no"),
        ("print('hello')\n", "is not a Flask application"),
        (
            "from flask import Flask\nimport nothing_like_it\napp = Flask('x')\n",
            "The package nothing_like_it is missing",
        ),
        (
            "from flask import Flask\nfrom werkzeug.urls import url_parse\n"
            "app = Flask('x')\n",
            "Werkzeug 3.0 has removed this",
        ),
        (
            "from flask import Flask\nif 1:\n\tapp = 1\n        app = 2\n",
            "tabs and spaces are mixed",
        ),
        ("from flask import Flask\napp = Flask('x')\n", "Flask-SQLAlchemy"),
    ],
    ids=["no-folder", "no-flask", "missing", "removed", "tabs", "no-database"],
)
def test_cannot_be_judged(tmp_path: Path, source: str | None, told: str) -> None:
    """What cannot be judged ends with one clear message, and status 2."""
    target = tmp_path / "target"
    if source is not None:
        target.mkdir()
        (target / "app.py").write_text(source)

    run = judge(target)

    assert run.returncode == 2
    assert told in run.stdout


def test_always_500(tmp_path: Path) -> None:
    """A target that answers everything with 500 ends with its own last words."""
    target = tmp_path / "broken"
    shutil.copytree(STANDINS / "modular", target)
    views = target / "app" / "views.py"
    views.write_text(
        views.read_text()
        + "\n@app.before_request\ndef fail():\n    raise OSError('the disk is gone')\n"
    )

    run = judge(target)

    assert run.returncode == 2
    assert "Every page answers with status 500." in run.stdout
    assert "OSError: the disk is gone" in run.stdout


def test_original_stays_as_it_is(tmp_path: Path) -> None:
    """Nothing is written to the folder that is judged."""
    target = tmp_path / "target"
    shutil.copytree(STANDINS / "modular", target)
    before = sorted(path.relative_to(target) for path in target.rglob("*"))

    judge(target, "--behaviour", "start.plain")

    assert sorted(path.relative_to(target) for path in target.rglob("*")) == before
