"""When "Microblog startup" is said, and how `flask run` ends."""

import logging
import signal
import threading
from collections.abc import Iterator

import click
import pytest
from flask import Flask
from flask.cli import routes_command, run_command

from app.reporting.startup import announce
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector

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
    """No server has left its mark in the environment."""
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    monkeypatch.delenv("WERKZEUG_RUN_MAIN", raising=False)


@pytest.fixture
def site() -> Flask:
    """An application that does nothing."""
    return Flask("another_site")


@pytest.fixture
def said(site: Flask) -> Iterator[list[str]]:
    """What the application logged."""
    collector = Collector()
    site.logger.addHandler(collector)
    site.logger.setLevel(logging.INFO)
    yield collector.messages
    site.logger.removeHandler(collector)
    site.logger.setLevel(logging.NOTSET)


def announce_in(
    command: click.Command, site: Flask, reload: bool | None = None
) -> None:
    """Announce as while a command of `flask` runs."""
    context = click.Context(command)
    context.params = {"reload": reload}
    with context:
        announce(site)


@behaviour("log.startup")
def test_flask_run(site: Flask, said: list[str]) -> None:
    """`flask run` says at once that it starts."""
    announce_in(run_command, site)

    assert said == ["Microblog startup"]


@behaviour("debug.one-writer")
def test_reloader(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the reloader, the process that serves says it, and not its parent."""
    announce_in(run_command, site, reload=True)
    assert said == []

    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    announce_in(run_command, site, reload=True)
    assert said == ["Microblog startup"]


@behaviour("log.commands-are-silent")
@pytest.mark.parametrize(
    "command",
    [routes_command, click.Group("flask"), click.Command("run")],
    ids=["routes", "own-command", "namesake"],
)
def test_commands(site: Flask, said: list[str], command: click.Command) -> None:
    """Other commands say nothing."""
    announce_in(command, site)

    assert said == []


@behaviour("log.startup")
def test_gunicorn(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under gunicorn it is said at once."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce(site)

    assert said == ["Microblog startup"]


@behaviour("log.commands-are-silent")
def test_command_under_gunicorn(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that a gunicorn worker starts says nothing either."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce_in(routes_command, site)

    assert said == []


@behaviour("log.startup")
@pytest.mark.parametrize("software", ["", "Apache/2.4"])
def test_other_servers(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch, software: str
) -> None:
    """Under another server it is said at the first request, and only then."""
    monkeypatch.setenv("SERVER_SOFTWARE", software)
    announce(site)
    assert said == []

    for _ in range(2):
        site.test_client().get("/")
    assert said == ["Microblog startup"]


@behaviour("mail.flushed-at-exit")
@pytest.mark.parametrize("number", ENDS)
def test_signal_to_end(site: Flask, said: list[str], number: int) -> None:
    """`flask run`, told to end, does so in good order: waiting mail is sent."""
    signal.signal(number, signal.SIG_DFL)
    announce_in(run_command, site)

    with pytest.raises(SystemExit) as end:
        signal.raise_signal(number)
    assert end.value.code == 0


@behaviour("mail.flushed-at-exit")
@pytest.mark.parametrize("number", ENDS)
def test_second_signal(site: Flask, said: list[str], number: int) -> None:
    """While it ends another signal does not cut that short: a terminal sends two."""
    signal.signal(number, signal.SIG_DFL)
    announce_in(run_command, site)
    with pytest.raises(SystemExit):
        signal.raise_signal(number)

    for another in ENDS:
        signal.raise_signal(another)


@pytest.mark.parametrize("number", ENDS)
def test_ignored_signal(site: Flask, said: list[str], number: int) -> None:
    """A signal that is ignored, as by nohup, stays so."""
    signal.signal(number, signal.SIG_IGN)

    announce_in(run_command, site)

    assert signal.getsignal(number) is signal.SIG_IGN


@pytest.mark.parametrize("command", [routes_command, None], ids=["command", "server"])
def test_sigterm_elsewhere(site: Flask, command: click.Command | None) -> None:
    """What else uses the application keeps its own handling of signals."""
    before = signal.getsignal(signal.SIGTERM)
    if command:
        announce_in(command, site)
    else:
        announce(site)

    assert signal.getsignal(signal.SIGTERM) is before


def test_no_main_thread(site: Flask, said: list[str]) -> None:
    """Where signals cannot be handled, they are left alone."""
    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=announce_in, args=(run_command, site))
    thread.start()
    thread.join(5)

    assert said == ["Microblog startup"]
    assert signal.getsignal(signal.SIGTERM) is before
