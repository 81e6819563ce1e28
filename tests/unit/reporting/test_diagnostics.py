"""The startup message, where errors go, how `flask run` ends, and `errors-test`."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from flask.cli import routes_command, run_command

from app import reporting
from app.reporting import set_defaults
from app.reporting.diagnostics import announce, destinations
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector

STARTUP = "Microblog startup"
ENDS = [signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Leave the handlers of signals as they were."""
    before = [signal.getsignal(number) for number in ENDS]
    yield
    for number, handler in zip(ENDS, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that no server has marked."""
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)


@pytest.fixture
def site(config: dict[str, Any]) -> Flask:
    """An application that does nothing."""
    site = Flask("another_site")
    site.config.update(config)
    return site


@pytest.fixture
def logged(site: Flask) -> Iterator[Collector]:
    """The records that the application logs."""
    collector = Collector()
    site.logger.addHandler(collector)
    site.logger.setLevel(logging.INFO)
    yield collector
    site.logger.removeHandler(collector)
    site.logger.setLevel(logging.NOTSET)


def announce_in(
    command: click.Command, site: Flask, reload: bool | None = None
) -> None:
    """Announce the start inside a command of `flask`."""
    context = click.Context(command)
    context.params = {"reload": reload}
    with context:
        announce(site)


@behaviour("log.startup")
def test_flask_run(site: Flask, logged: Collector) -> None:
    """`flask run` logs at once its start and where errors go."""
    announce_in(run_command, site)

    assert logged.messages == [STARTUP, destinations(site)]


@behaviour("debug.one-writer")
def test_reloader(
    site: Flask, logged: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the reloader, only the process that serves logs the start."""
    announce_in(run_command, site, reload=True)
    assert logged.messages == []

    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    announce_in(run_command, site, reload=True)
    assert logged.messages == [STARTUP, destinations(site)]


@behaviour("log.commands-are-silent")
@pytest.mark.parametrize(
    "command",
    [routes_command, click.Group("flask"), click.Command("run")],
    ids=["routes", "own-command", "namesake"],
)
def test_commands(site: Flask, logged: Collector, command: click.Command) -> None:
    """Other commands log nothing."""
    announce_in(command, site)

    assert logged.messages == []


@behaviour("log.startup")
def test_gunicorn(
    site: Flask, logged: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under gunicorn, the start is logged at once."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce(site)

    assert logged.messages == [STARTUP, destinations(site)]


@behaviour("log.commands-are-silent")
def test_command_under_gunicorn(
    site: Flask, logged: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command in a gunicorn worker's environment logs nothing."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce_in(routes_command, site)

    assert logged.messages == []


@behaviour("log.startup")
@pytest.mark.parametrize("software", ["", "Apache/2.4"])
def test_other_servers(
    site: Flask, logged: Collector, monkeypatch: pytest.MonkeyPatch, software: str
) -> None:
    """Under another server, only the first request logs the start."""
    monkeypatch.setenv("SERVER_SOFTWARE", software)
    announce(site)
    assert logged.messages == []

    for _ in range(2):
        site.test_client().get("/")
    assert logged.messages == [STARTUP, destinations(site)]


@behaviour("log.startup")
def test_message(site: Flask, logged: Collector) -> None:
    """STARTUP_MESSAGE sets the message of the start."""
    site.config["STARTUP_MESSAGE"] = "The site starts"
    announce_in(run_command, site)

    assert logged.messages[0] == "The site starts"


@behaviour("log.destinations")
def test_log_that_cannot_be_written(tmp_path: Path) -> None:
    """A log file that cannot be written is reported in place of its name."""
    (tmp_path / "logs").touch()
    app = Flask("own")
    app.config["LOG_DIR"] = tmp_path / "logs"
    set_defaults(app)

    assert destinations(app) == (
        f"Errors are not logged to {tmp_path}/logs/microblog.log: Not a directory,"
        " and not mailed: MAIL_SERVER is not set"
    )


@behaviour("log.destinations")
@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {},
            "Errors are logged to {log}, and mailed to admin@example.com,"
            " second@example.com by localhost port 25 (no TLS)",
        ),
        (
            {"LOG_TO_STDOUT": True, "MAIL_SERVER": None},
            "Errors are logged to standard output, and not mailed:"
            " MAIL_SERVER is not set",
        ),
        (
            {"ADMINS": []},
            "Errors are logged to {log}, and not mailed: ADMINS is empty",
        ),
        (
            {"MAIL_PASSWORD": "x"},
            "Errors are logged to {log}, and not mailed: localhost port 25 (no TLS):"
            " the password would be sent in clear; set MAIL_USE_TLS or MAIL_USE_SSL,"
            " or else MAIL_AUTH_WITHOUT_TLS",
        ),
        (
            {"DEBUG": True},
            "Errors are shown here only: in debug mode nothing is logged or mailed",
        ),
    ],
    ids=["all", "stdout", "no-admins", "password", "debug"],
)
def test_destinations(site: Flask, settings: dict[str, Any], line: str) -> None:
    """One line states where errors go, and why they are not mailed or written."""
    log = site.config["LOG_DIR"] / "microblog.log"
    site.config.update(settings)

    assert destinations(site) == line.format(log=log)


@behaviour("mail.flushed-at-exit")
@pytest.mark.parametrize("number", ENDS)
def test_signal_to_end(site: Flask, logged: Collector, number: int) -> None:
    """SIGTERM and SIGHUP end `flask run` with status 0."""
    signal.signal(number, signal.SIG_DFL)
    announce_in(run_command, site)

    with pytest.raises(SystemExit) as end:
        signal.raise_signal(number)
    assert end.value.code == 0


@behaviour("mail.flushed-at-exit")
@pytest.mark.parametrize("number", ENDS)
def test_second_signal(site: Flask, logged: Collector, number: int) -> None:
    """Further signals during the end of `flask run` are ignored."""
    signal.signal(number, signal.SIG_DFL)
    announce_in(run_command, site)
    with pytest.raises(SystemExit):
        signal.raise_signal(number)

    for another in ENDS:
        signal.raise_signal(another)


@pytest.mark.parametrize("number", ENDS)
def test_ignored_signal(site: Flask, logged: Collector, number: int) -> None:
    """A signal that is ignored, as by nohup, stays ignored."""
    signal.signal(number, signal.SIG_IGN)

    announce_in(run_command, site)

    assert signal.getsignal(number) is signal.SIG_IGN


@pytest.mark.parametrize("command", [routes_command, None], ids=["command", "server"])
def test_sigterm_elsewhere(site: Flask, command: click.Command | None) -> None:
    """Under other programs, the handling of SIGTERM is unchanged."""
    before = signal.getsignal(signal.SIGTERM)
    if command:
        announce_in(command, site)
    else:
        announce(site)

    assert signal.getsignal(signal.SIGTERM) is before


def test_no_main_thread(site: Flask, logged: Collector) -> None:
    """Outside the main thread, the handling of signals is unchanged."""
    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=announce_in, args=(run_command, site))
    thread.start()
    thread.join(5)

    assert logged.messages == [STARTUP, destinations(site)]
    assert signal.getsignal(signal.SIGTERM) is before


# -- flask errors-test -----------------------------------------------------------------


MakeApp = Callable[..., Flask]
Run = Callable[..., list[str]]


@pytest.fixture
def run(make_app: MakeApp) -> Run:
    """A function that runs the command in an application with given settings."""

    def run(status: int = 0, **settings: Any) -> list[str]:
        site = make_app(**settings)

        @site.errorhandler(500)
        def page(error: Exception) -> tuple[str, int]:
            return f"Reference: {reporting.reference()}", 500

        result = site.test_cli_runner().invoke(args=["errors-test"])
        assert result.exit_code == status, result.output
        return result.output.splitlines()

    return run


@behaviour("mail.test-command")
def test_all_is_well(run: Run, mailbox: Mailbox, tmp_path: Path) -> None:
    """The command shows the page, the record and the mail of an error."""
    page, log, mail = run()

    text = mailbox.next().text
    assert "ErrorsTest: raised by flask errors-test" in text
    reference = page.split()[-1]
    assert page == (f"Page: 500 INTERNAL SERVER ERROR, shows the reference {reference}")
    assert f"Reference: {reference}\n" in text
    assert log == f"Log:  {tmp_path}/logs/microblog.log, line 3"
    assert mail == (
        "Mail: sent to admin@example.com, second@example.com"
        f" by localhost port {mailbox.port} (no TLS)"
    )


@behaviour("mail.test-command")
def test_twice(run: Run, mailbox: Mailbox) -> None:
    """The mail of the command is sent each time, despite MAIL_INTERVAL."""
    for _ in range(2):
        run(MAIL_INTERVAL=60)

    assert len(mailbox.drain()) == 2


@behaviour("mail.test-command")
@pytest.mark.parametrize(
    ("settings", "status", "outcome"),
    [
        ({"MAIL_SERVER": None}, 0, "not sent: MAIL_SERVER is not set"),
        ({"ADMINS": []}, 0, "not sent: ADMINS is empty"),
        ({"MAIL_PASSWORD": "x"}, 1, "not delivered: localhost port "),
    ],
    ids=["no-server", "no-admins", "password"],
)
def test_no_mail(run: Run, settings: dict[str, Any], status: int, outcome: str) -> None:
    """The command prints why no mail is sent, and fails if mail is configured."""
    assert run(status, **settings)[2].startswith(f"Mail: {outcome}")


@behaviour("mail.test-command")
def test_refused(run: Run) -> None:
    """An undelivered mail fails the command, with the reason."""
    with Mailbox(refuses=True) as mailbox:
        mail = run(status=1, MAIL_PORT=mailbox.port)[2]

    assert mail.startswith("Mail: not delivered: localhost port ")
    assert mail.endswith("Connection refused")


@pytest.mark.parametrize("blocked", ["folder", "file"])
def test_not_written(run: Run, tmp_path: Path, blocked: str) -> None:
    """A record that does not reach the log file fails the command."""
    folder = tmp_path / "logs"
    if blocked == "folder":
        folder.write_text("a file in place of the folder")
    else:
        folder.mkdir()
        (folder / "microblog.log").symlink_to("/dev/null")

    assert f"Log:  not written to {folder}/microblog.log" in run(status=1)


@behaviour("log.stdout")
def test_stdout(run: Run) -> None:
    """With LOG_TO_STDOUT, the command does not look for a log file."""
    assert run(LOG_TO_STDOUT=True)[1] == "Log:  written to standard output"


def test_debug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In debug mode, the command reports that nothing is logged or mailed."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    [line] = run(status=1)

    assert line == "Error: In debug mode nothing is logged or mailed."


def test_not_reached(make_app: MakeApp) -> None:
    """If the application refuses its request, the command fails with the status."""
    site = make_app()

    @site.before_request
    def refuse() -> tuple[str, int]:
        return "no", 403

    result = site.test_cli_runner().invoke(args=["errors-test"])

    assert result.exit_code == 1
    assert result.output == "Error: No error was logged: /errors-test: 403 FORBIDDEN.\n"
