"""Mail from every serving process, and from a process that is about to end."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import dripping
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.harness.server.workers import stopped, workers
from tests.harness.target.workplace import Workplace

pytestmark = pytest.mark.slow
lengthy = pytest.mark.lengthy

WORKERS = 4

#: For gunicorn: an error after it loads the application and before it forks. The
#: disk is so slow that another thread's imports end after the fork.
FAILS_BEFORE_THE_FORK = """
import os
import sys
import threading

PARENT = os.getpid()

forked = threading.Event()


class SlowDisk:
    def find_spec(self, *_):
        if os.getpid() == PARENT and threading.current_thread().name != "MainThread":
            forked.wait(1)


def when_ready(server):
    os.register_at_fork(after_in_parent=forked.set)
    sys.meta_path.insert(0, SlowDisk())
    server.app.wsgi().logger.error("in the parent")
"""

#: For gunicorn: it forks while the mail thread reports a failure, unless
#: the fork waits for the end of the report.
SPEAKS_BEFORE_THE_FORK = """
import io
import os
import sys
import threading

speaks = threading.Event()
forked = threading.Event()

class SlowTerminal(io.RawIOBase):
    def writable(self):
        return True

    def write(self, data):
        if threading.current_thread().name == "error-mail":
            speaks.set()
            forked.wait(1)
        return os.write(2, data)


def when_ready(server):
    os.register_at_fork(after_in_parent=forked.set)
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(SlowTerminal()))
    sys.stderr.reconfigure(line_buffering=True)
    server.app.wsgi().logger.error("in the parent")
    assert speaks.wait(20)
"""

#: A program that prints the modules imported while a mail is composed.
COMPOSE = """
import sys
from app.reporting.mail_handler import MailHandler
from app.reporting.rate_limit import QueuedMail
from app.reporting import DEFAULTS

mail = {"MAIL_SERVER": "grün.example", "ADMINS": ["admin@example.com"]}
handler = MailHandler(DEFAULTS | mail, "")
before = set(sys.modules)
handler.compose(QueuedMail("grün")).as_bytes()
print(*sorted(set(sys.modules) - before))
"""


def fail_in_each(site: Site) -> set[str]:
    """Cause an error in each worker; return the messages of the errors."""
    everyone = workers(site, WORKERS)
    for worker in everyone:
        with stopped(everyone - {worker}):
            site.fail(f"in worker {worker}")
    return {f"in worker {worker}" for worker in everyone}


@behaviour("mail.every-process")
def test_every_worker_mails(launcher: Launcher) -> None:
    """Each worker of a pre-forking server mails its own errors."""
    site = launcher.shared(workers=WORKERS)
    site.require_mail()

    missing = fail_in_each(site)

    assert site.mailbox is not None
    while missing:
        text = site.mailbox.next().text
        missing -= {one for one in missing if f"{one}\n" in text}


@behaviour("mail.every-process")
def test_error_before_the_fork(launch: Callable[..., Site], tmp_path: Path) -> None:
    """Workers forked after an error of their parent mail their own errors once."""
    config = tmp_path / "gunicorn.py"
    config.write_text(FAILS_BEFORE_THE_FORK)
    with Mailbox() as mailbox:
        arguments = ("--preload", "--config", str(config))
        site = launch(mail=mailbox, workers=WORKERS, arguments=arguments)
        site.require_mail()

        errors = {"in the parent", *fail_in_each(site)}
        site.stop()

        texts = [mail.text for mail in mailbox.drain()]
        mailed = [
            one for text in texts for one in errors if re.search(rf"{one}\b", text)
        ]
        assert sorted(mailed) == sorted(errors), (
            f"Of {len(errors)} errors, {len(set(mailed))} were mailed."
        )


@own_only
@behaviour("mail.every-process")
def test_failed_mail_during_the_fork(
    launch: Callable[..., Site], tmp_path: Path
) -> None:
    """Workers that are forked while their parent logs a failed mail can log."""
    config = tmp_path / "gunicorn.py"
    config.write_text(SPEAKS_BEFORE_THE_FORK)
    with Mailbox(refuses=True) as mailbox:
        arguments = ("--preload", "--config", str(config))
        site = launch(mail=mailbox, workers=WORKERS, arguments=arguments)

        errors = fail_in_each(site)

        assert {error for error in errors if error not in site.output} == set()


@own_only
@behaviour("mail.every-process")
def test_imports_nothing(workplace: Workplace) -> None:
    """Composing a mail imports no module, so no fork waits for an import lock."""
    finished = subprocess.run(
        [sys.executable, "-c", COMPOSE],
        cwd=workplace.code,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=50,
    )

    assert finished.stdout == "\n"


@behaviour("mail.flushed-at-exit")
@pytest.mark.parametrize(
    ("processes", "number"),
    [
        pytest.param(None, signal.SIGTERM, id="flask-sigterm"),
        pytest.param(None, signal.SIGHUP, id="flask-sighup"),
        pytest.param(None, signal.SIGINT, id="flask-sigint", marks=lengthy),
        pytest.param(1, signal.SIGTERM, id="gunicorn-sigterm", marks=lengthy),
    ],
)
def test_last_error_is_mailed(
    launch: Callable[..., Site], processes: int | None, number: int
) -> None:
    """An error just before a stop signal is mailed."""
    with Mailbox(misbehaviour=dripping(0.002)) as mailbox:
        site = launch(mail=mailbox, workers=processes)
        site.require_mail()

        site.fail("the pipe burst")
        status = site.process.stop(number)

        # Under nohup the signal is ignored, and the harness kills the process.
        assert (
            status != -signal.SIGKILL or signal.getsignal(number) is signal.SIG_IGN
        ), "The server did not end, and was killed."
        mail = mailbox.next(1)
        assert "the pipe burst" in mail.text, f"The mail says {mail.text[:200]!r}."


@own_only
@behaviour("mail.flushed-at-exit")
def test_reloaded(launch: Callable[..., Site]) -> None:
    """An error just before the reloader restarts the server is mailed."""
    with Mailbox(misbehaviour=dripping(0.002)) as mailbox:
        site = launch(mail=mailbox, arguments=("--reload",))
        source = site.code / "app" / "__init__.py"

        site.fail("the pipe burst")
        source.write_text(source.read_text() + "\n")
        site.process.wait_for("Detected change")

        assert "the pipe burst" in mailbox.next().text
