"""The place of the log, and the processes that write it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.logs.files import LogFiles
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand, run
from tests.harness.target.workplace import Workplace

PROCESSES = 8

#: A program that migrates its own database and then reports errors.
MIGRATES = """
import logging
import flask_migrate
from harness_probe import app

with app.app_context():
    flask_migrate.upgrade()
app.logger.error("after the migration")
logging.getLogger("a.library").error("of a library, after the migration")
"""

#: A program whose processes all create the log directory at the same moment.
MEET = f"""
import os, sys
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context

for name in ("flask_login", "flask_migrate", "flask_sqlalchemy", "flask_wtf"):
    with suppress(ImportError):
        import_module(name)

fork = get_context("fork")
together = fork.Barrier({PROCESSES}, timeout=20)


def meet(event, arguments):
    if event == "os.mkdir" and os.fspath(arguments[0]).endswith(os.environ["NAME"]):
        together.wait()


def serve(number):
    sys.addaudithook(meet)
    from harness_probe import app
    app.logger.warning("process %d started", number)


started = [fork.Process(target=serve, args=(one,)) for one in range({PROCESSES})]
for process in started:
    process.start()
for process in started:
    process.join()
sys.exit(any(process.exitcode for process in started))
"""


def log_of(workplace: Workplace) -> LogFiles:
    """Return the log of a workplace."""
    site = Site(workplace, flask_server(), {})
    site.require_log()
    return site.log


@behaviour("log.beside-the-app")
def test_current_directory(launch: Callable[..., Site], tmp_path: Path) -> None:
    """The log is next to the application, whatever the current directory."""
    site = launch(cwd=tmp_path)
    site.require_log()

    site.probe.log("WARNING", "the pipe drips")

    site.log.wait_for("the pipe drips")
    assert list(tmp_path.rglob("*.log*")) == [], (
        "There is a log in the current directory."
    )


@own_only
@behaviour("log.beside-the-app")
def test_another_directory(launch: Callable[..., Site], tmp_path: Path) -> None:
    """LOG_DIR moves the log to another directory, created if missing."""
    moved = LogFiles(tmp_path / "var" / "log")
    site = launch(env={"LOG_DIR": str(moved.directory)})
    moved.on_forget = site.log.on_forget

    site.probe.log("WARNING", "the pipe drips")

    assert moved.wait_for("the pipe drips")
    moved.forget()
    assert site.log.files == []


@behaviour("log.commands-are-silent")
def test_command_is_silent(
    flask: Callable[..., CompletedCommand], workplace: Workplace
) -> None:
    """A `flask` command that serves no requests writes no log."""
    log = log_of(workplace)

    finished = flask("routes")

    assert finished.status == 0, f"It ended with status {finished.status}."
    assert log.files == [], "The command wrote a log."


@behaviour("log.commands-are-silent")
@pytest.mark.parametrize("command", ["current", "upgrade"])
def test_migration_is_silent(
    flask: Callable[..., CompletedCommand], workplace: Workplace, command: str
) -> None:
    """A `flask db` command writes no log."""
    log = log_of(workplace)
    workplace.target.require_migrations()

    finished = flask("db", command)

    assert finished.status == 0, f"It ended with status {finished.status}."
    assert log.files == [], "The command wrote a log."


@behaviour("log.commands-are-silent")
def test_migration_in_process(workplace: Workplace, database_url: str) -> None:
    """After an in-process migration, errors are still logged."""
    log = log_of(workplace)
    workplace.target.require_migrations()
    (workplace.code / "migrates.py").write_text(MIGRATES)

    finished = run(workplace, "migrates", env={"DATABASE_URL": database_url})

    assert finished.status == 0, f"It ended with status {finished.status}."
    level = log.wait_for("after the migration").level
    assert level == "ERROR", f"Its level is {level}."


@own_only
@behaviour("log.commands-are-silent")
@behaviour("log.other-loggers")
@behaviour("mail.flushed-at-exit")
def test_mail_after_migration_in_process(
    workplace: Workplace, database_url: str
) -> None:
    """After an in-process migration, errors are still mailed before the exit."""
    (workplace.code / "migrates.py").write_text(MIGRATES)
    with Mailbox() as mailbox:
        settings = {**mailbox.settings, "ADMINS": "admin@example.com"}

        finished = run(
            workplace, "migrates", env={"DATABASE_URL": database_url, **settings}
        )

        assert finished.status == 0, f"It ended with status {finished.status}."
        assert "after the migration" in mailbox.next().text
        assert "of a library, after the migration" in mailbox.next().text


#: A program with an error while it ends, after one mail.
ENDS_BADLY = """
import atexit
from harness_probe import app

atexit.register(app.logger.error, "at the very end")
app.logger.error("before")
"""


@own_only
@behaviour("mail.flushed-at-exit")
def test_error_while_the_process_ends(workplace: Workplace, database_url: str) -> None:
    """An error in another library's exit handler is mailed."""
    (workplace.code / "ends_badly.py").write_text(ENDS_BADLY)
    with Mailbox() as mailbox:
        settings = {**mailbox.settings, "ADMINS": "admin@example.com"}

        run(workplace, "ends_badly", env={"DATABASE_URL": database_url, **settings})

        came = "".join(mail.text for mail in mailbox.drain())
        assert ("before" in came, "at the very end" in came) == (True, True)


@behaviour("log.simultaneous-start")
def test_simultaneous_start(workplace: Workplace, database_url: str) -> None:
    """Eight processes that start at the same moment all start and log."""
    log = log_of(workplace)
    (workplace.code / "meets.py").write_text(MEET)
    env = {"DATABASE_URL": database_url, "NAME": log.directory.name}

    finished = run(workplace, "meets", env=env)

    assert finished.status == 0, f"It ended with status {finished.status}."
    started = {one.message for one in log.records() if "started" in one.message}
    assert started == {f"process {number} started" for number in range(PROCESSES)}, (
        f"{len(started)} of {PROCESSES} processes have logged."
    )
