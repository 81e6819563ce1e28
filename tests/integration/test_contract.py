"""Contract runs on stand-ins for other people's implementations."""

import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.contract.discovery import discover
from tests.contract.findings import Findings
from tests.contract.options import Options
from tests.contract.reports.document import SCHEMA
from tests.contract.target_errors import CannotBeJudged
from tests.faults import __main__ as faults
from tests.faults.table import STANDINS, read_table
from tests.integration.contract_runs import KNOWN, Run, edit_about_me, judge, standin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
of_one_run = pytest.mark.xdist_group("contract-run")

#: A package without logging, mail, error pages and pictures.
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

#: The smallest application that can be examined.
SMALL = """
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask("small")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)
@app.route("/")
def home():
    return "hello"
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Return the contents of each file in a folder, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run on a factory with blueprints, without any hints."""
    target = standin("factory", tmp_path_factory.mktemp("factory"))
    return judge(target, "profile.page", "profile.own")


@of_one_run
def test_factory_with_blueprints(run: Run) -> None:
    """An application factory with blueprints and its own wording is judged."""
    assert run.status == 0, run.said
    assert run.outcomes == {
        "profile.page": "passed",
        "profile.own-edit-link": "not offered",
    }
    assert "application   wsgi:app" in run.said
    assert "users         table members: nickname, mail, bio, last_seen" in run.said
    assert "log           var/journal.log" in run.said
    assert "mail          to editor@example.org" in run.said


@of_one_run
def test_report_has_its_schema(run: Run) -> None:
    """The report of a run matches its documented schema."""
    report = json.loads((run.report / "behaviours.json").read_text("utf-8"))

    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(report)
    assert {"Python", "Flask", "Jinja2", "Click"} <= set(report["target"]["versions"])


@of_one_run
def test_original_is_unchanged(run: Run) -> None:
    """A run writes nothing to the folder that it judges."""
    assert contents(run.target) == contents(STANDINS / "factory")


def test_silent_implementation(tmp_path: Path) -> None:
    """Missing logging and mail fail only the behaviours that need them."""
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
    assert run.ended("failed") == {
        *("mail.error-is-mailed", "errors.500-says-notified", "log.traceback"),
    }
    said = " ".join(run.said.split())
    assert "no error is mailed; ADMINS: ['editor@example.org', 'another@" in said
    assert run.ended("blocked") == {"log.level", "mail.not-for-client-errors"}


def test_ends_in_the_middle(tmp_path: Path) -> None:
    """If a target ends during a run, the run ends with the target's output."""
    target = standin("modular", tmp_path)
    # It does not start with mail either, which affects nothing else.
    [fault] = [one for one in read_table() if one.name == "dies only with mail set"]
    fault.put_into(target)
    edit_about_me(target, "import os; print('no more'); os._exit(3)")

    run = judge(target, "edit-profile.unchanged-name", profile=KNOWN)

    assert run.status == 2, run.said
    assert "none: it does not start with MAIL_SERVER set" in run.said
    assert "ended in the middle of a request (exit status 3)" in run.said
    assert "    no more\n" in run.said


def test_fault_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault from the table breaks exactly the behaviours that the table lists."""
    status = faults.main(["register never commits"])

    found = re.search(r" 1 of (\d+) fail, (\d+) blocked", capsys.readouterr().out)
    assert status == 0
    assert found
    assert int(found[1]) == int(found[2]) + 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("every request redirected to HTTPS", "requested     as https://..., as"),
        ("a server name", "requested     as http://blog.example.com..., as"),
        ("addresses confirmed by a link in a mail", "confirmed     confirmed = 1"),
    ],
    ids=["https", "host", "confirmed"],
)
def test_reported_condition(tmp_path: Path, name: str, line: str) -> None:
    """The conditions that a target sets for its visitors are met and reported."""
    target = standin("modular", tmp_path)
    [fault] = [one for one in read_table() if one.name == name]
    fault.put_into(target)

    run = judge(target, "accounts.login", profile=KNOWN)

    assert run.status == 0, run.said
    assert line in run.said


def test_users_cannot_sign_in(tmp_path: Path) -> None:
    """A target where registered users cannot sign in is not judged."""
    target = standin("modular", tmp_path)
    views = target / "app" / "views.py"
    refused = "if user is None or not user"
    views.write_text(views.read_text().replace(refused, "if user or not user"))

    run = judge(target, "accounts.login", profile=KNOWN)

    assert run.status == 2, run.said
    assert "susan registered, and cannot sign in at /sign-in" in run.said


def look(tmp_path: Path, source: str, **profile: str) -> Findings:
    """Explore a target that is one module."""
    target = tmp_path / "target"
    target.mkdir()
    (target / "app.py").write_text(source)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return discover(Options(target, sys.executable, profile=profile), scratch)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("print('hello')\n", "is not a Flask application"),
        (
            "from flask import Flask\nimport nothing_like_it\napp = Flask('x')\n",
            "The package nothing-like-it is missing",
        ),
        (
            "from flask import Flask\nif 1:\n\tapp = 1\n        app = 2\n",
            "tabs and spaces are mixed",
        ),
        ("from flask import Flask\napp = Flask('x')\n", "Flask-SQLAlchemy"),
    ],
    ids=["no-flask", "missing", "tabs", "no-database"],
)
def test_cannot_be_judged(tmp_path: Path, source: str, reason: str) -> None:
    """A target that cannot be judged ends the run with one clear message."""
    with pytest.raises(CannotBeJudged, match=reason):
        look(tmp_path, source)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("import sys\nif 'run' in sys.argv: raise OSError('no disk')", "not start"),
        (
            "app.before_request(lambda: 1 / 0)",
            r"(?s)500: ZeroDivisionError.*app\.py:11",
        ),
        (
            "import os\napp.before_request(lambda: os._exit(3))",
            r"exit status 3\) while",
        ),
        ("db.create_all = lambda: 1 / 0", "The database schema cannot be created"),
    ],
    ids=["served", "always-500", "ends", "schema"],
)
def test_fails_after_import(tmp_path: Path, more: str, reason: str) -> None:
    """A target that fails after its import ends the run with its own output."""
    with pytest.raises(CannotBeJudged, match=reason) as message:
        look(tmp_path, f"{SMALL}\n{more}\n", schema="models")

    printed = "exit status" not in reason and "ZeroDivisionError" not in reason
    assert ("Last output:" in str(message.value)) is printed


def test_no_such_path(tmp_path: Path) -> None:
    """The command reports a wrong path in one message and exits with 2."""
    run = judge(tmp_path / "nowhere")

    assert run.status == 2
    assert run.said.endswith(
        "The target cannot be judged.\n"
        f"There is no {tmp_path}/nowhere. Name the target's folder.\n"
    )
