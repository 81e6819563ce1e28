"""What README lists under "Copy from" works in another project, without the rest."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.target.target import Target

pytestmark = own_only

PACKAGE = "copied"
LAYOUT = "my layout: {% block content %}{% endblock %}"
#: Ends each program: nothing came from this checkout.
ALL_COPIED = """
import sys
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] in {"app", "copied", "tests"}:
        for folder in getattr(module, "__path__", [module.__file__]):
            assert folder.startswith(sys.path[0]), folder
print("worked")
"""
#: A program for each row, by the start of the row.
PROGRAMS = {
    "settings": """
from copied import config
values = config.load({"MAIL_PORT": "2525"})
assert values["MAIL_PORT"] == 2525
try:
    config.load({"MAIL_PORT": "x"})
except config.ConfigError as error:
    assert str(error).startswith("MAIL_PORT: 'x' cannot be used"), error
""",
    "a unique username": """
from flask import Flask
from copied import extensions, forms, models
app = Flask("copied")
app.config.update(SECRET_KEY="x" * 32, SQLALCHEMY_DATABASE_URI="sqlite:///own.db")
extensions.db.init_app(app)
app.config["WTF_CSRF_ENABLED"] = False
extensions.login.init_app(app)
extensions.login.user_loader(lambda session_id: None)
with app.app_context():
    extensions.db.create_all()
    user = models.User(username="susan", email="s@example.com", password_hash="x")
    extensions.db.session.add(user)
    extensions.db.session.commit()
typed = dict(email="t@example.com", password="p" * 15, password2="p" * 15)
with app.test_request_context(method="POST", data=typed | {"username": "Susan"}):
    form = forms.RegistrationForm()
    assert not form.validate()
    assert form.errors == {"username": ["Please use a different username."]}
    # Another request took the name after the check.
    extensions.db.session.add(
        models.User(username="SUSAN", email="u@example.com", password_hash="x")
    )
    assert not forms.commit_or_form_error(form)
""",
    "error pages": """
from flask import Flask
from copied import errors, extensions
app = Flask("copied")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////nonexistent/own.db"
extensions.db.init_app(app)
app.register_blueprint(errors.bp)
app.add_url_rule("/", "index", lambda: 1 / 0)
page = app.test_client().get("/")
assert page.status_code == 500
assert page.text.startswith("my layout"), page.text
assert "An unexpected error has occurred" in page.text
""",
    "errors in a log file": """
from pathlib import Path
from flask import Flask
from copied import reporting
app = Flask("copied")
reporting.install(app)
app.add_url_rule("/", "index", lambda: 1 / 0)
assert app.test_client().get("/").status_code == 500
assert "ZeroDivisionError" in (app.config["LOG_DIR"] / "microblog.log").read_text()
""",
    "a real server in tests": """
from pathlib import Path
from tests.harness.server.process import Process
process = Process(
    [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"],
    cwd=Path.cwd(), env={}, output=Path("output.txt"),
)
try:
    assert process.wait_for(r"http://127.0.0.1:(\\d+)/", 10)[1]
finally:
    process.kill()
""",
    "a fake mail server for tests": """
import smtplib
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import Misbehaviour
with Mailbox() as mailbox:
    with smtplib.SMTP(mailbox.host, mailbox.port) as client:
        client.sendmail("a@example.com", ["b@example.com"], "Subject: hello\\n\\n")
    assert mailbox.next().subject == "hello"
with Mailbox(misbehaviour=Misbehaviour(reply="554 no")) as mailbox:
    try:
        smtplib.SMTP(mailbox.host, mailbox.port)
    except smtplib.SMTPConnectError as error:
        assert error.smtp_code == 554
""",
}


def rows(readme: str) -> dict[str, list[str]]:
    """Return what the rows of "Copy from" link to, by their first cell."""
    [section] = re.findall(r"\n## Copy from\n(.*?)\n## ", readme, re.S)
    cells = re.findall(r"^\| (.*?) \| (.*) \|$", section, re.M)
    return {first: re.findall(r"\]\((.*?)\)", last) for first, last in cells[1:]}


def test_every_row_is_tried(target: Target) -> None:
    """Each row of README's table has a program that uses what it names."""
    found = rows((target.folder / "README.md").read_text())

    tried = [start for row in found for start in PROGRAMS if row.startswith(start)]
    assert len(found) == len(tried) == len(set(tried)) == len(PROGRAMS)


@behaviour("log.file")
@pytest.mark.parametrize("start", PROGRAMS)
def test_copied_alone(target: Target, tmp_path: Path, start: str) -> None:
    """What a row of README's table names works without the rest of the checkout."""
    readme = (target.folder / "README.md").read_text()
    [paths] = [paths for row, paths in rows(readme).items() if row.startswith(start)]
    package = tmp_path / PACKAGE
    for path in map(Path, paths):
        is_module = path.parts[0] == "app"
        to = package / path.relative_to("app") if is_module else tmp_path / path
        to.parent.mkdir(parents=True, exist_ok=True)
        source = target.folder / path
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, to)
    (package / "templates").mkdir(parents=True, exist_ok=True)
    (package / "templates" / "base.html").write_text(LAYOUT)
    (package / "__init__.py").touch()

    ended = subprocess.run(
        [sys.executable, "-c", f"import sys\n{PROGRAMS[start]}{ALL_COPIED}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "worked"
