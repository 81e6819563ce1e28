"""`reporting/` copied into another application, where SQLAlchemy is not installed."""

import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.process import Process
from tests.harness.target.target import Target

pytestmark = own_only

APPLICATION = """\
import os

import reporting
from flask import Flask

app = Flask(__name__)
app.config.from_mapping(
    {key: os.environ[key] for key in SETTINGS if key in os.environ}
)
reporting.install(app)


@app.get("/")
def index():
    raise ValueError("the pipe burst")


@app.errorhandler(500)
def internal_error(error):
    return f"An error has occurred. Reference: {reporting.reference()}", 500
"""
SETTINGS = ("MAIL_SERVER", "MAIL_PORT", "ADMINS", "LOG_DIR")

#: Found before the package that is installed, and so in its place.
MISSING = "raise ModuleNotFoundError('No module named sqlalchemy', name='sqlalchemy')\n"

Serve = Callable[..., tuple[Process, str]]


@pytest.fixture
def serve(target: Target, tmp_path: Path) -> Iterator[Serve]:
    """Serve an application of twenty lines with a copy of the folder."""
    shutil.copytree(
        target.folder / "app" / "reporting",
        tmp_path / "reporting",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (tmp_path / "blog.py").write_text(APPLICATION.replace("SETTINGS", repr(SETTINGS)))
    for name in ("sqlalchemy", "flask_sqlalchemy"):
        (tmp_path / f"{name}.py").write_text(MISSING)
    processes = []

    def start(**settings: str) -> tuple[Process, str]:
        process = Process(
            [sys.executable, "-m", "flask", "--app", "blog", "run", "--port", "0"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), **settings},
            output=tmp_path / "output.txt",
        )
        processes.append(process)
        url = process.wait_for(r"Running on (http://127\.0\.0\.1:\d+)")[1]
        return process, url

    yield start
    for process in processes:
        process.kill()


@behaviour("log.file")
@behaviour("mail.error-is-mailed")
def test_copied(serve: Serve, tmp_path: Path) -> None:
    """An error in an application of twenty lines is shown, logged and mailed."""
    log_dir = tmp_path / "var" / "log"
    with Mailbox() as mailbox:
        _, url = serve(
            **mailbox.settings, ADMINS="admin@example.com", LOG_DIR=str(log_dir)
        )
        page = requests.get(url, timeout=10)
        mail = mailbox.next()

    reference = page.text.split()[-1]
    log = (log_dir / "microblog.log").read_text()
    assert page.status_code == 500
    assert re.fullmatch("[A-Z2-7]{8}", reference)
    assert f"Exception on / [GET] [ref {reference}] [in " in log
    assert log.rstrip().endswith("ValueError: the pipe burst")
    assert mail.subject == "Microblog Failure"
    assert mail.sender == "no-reply@localhost"
    assert mail.recipients == ("admin@example.com",)
    assert f"Reference: {reference}\n" in mail.text


@behaviour("log.destinations")
def test_without_settings(serve: Serve, tmp_path: Path) -> None:
    """Without any settings, errors are logged next to the module, and not mailed."""
    process, url = serve()
    requests.get(url, timeout=10)
    process.stop(signal.SIGINT)

    path = tmp_path / "logs" / "microblog.log"
    log = path.read_text()
    assert "INFO: Microblog startup [in " in log
    assert (
        f"INFO: Errors are logged to {path}, and not mailed: MAIL_SERVER is not set"
    ) in log
    assert log.rstrip().endswith("ValueError: the pipe burst")
