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
from tests.harness.behaviour import MUST, SHOULD, behaviour
from tests.unit.reporting.conftest import Collector

CHAPTER = "Logging to a File"


@pytest.fixture(autouse=True)
def _sigterm() -> Iterator[None]:
    """Leave the handler of SIGTERM as it was."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


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


@behaviour("log.startup", MUST, source=CHAPTER)
def test_flask_run(site: Flask, said: list[str]) -> None:
    """`flask run` says at once that it starts."""
    announce_in(run_command, site)

    assert said == ["Microblog startup"]


@behaviour("debug.one-writer", SHOULD)
def test_reloader(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the reloader, the process that serves says it, and not its parent."""
    announce_in(run_command, site, reload=True)
    assert said == []

    monkeypatch.setenv("WERKZEUG_RUN_MAIN", "true")
    announce_in(run_command, site, reload=True)
    assert said == ["Microblog startup"]


@behaviour("log.commands-are-silent", SHOULD)
@pytest.mark.parametrize(
    "command",
    [routes_command, click.Group("flask"), click.Command("run")],
    ids=["routes", "own-command", "namesake"],
)
def test_commands(site: Flask, said: list[str], command: click.Command) -> None:
    """Other commands say nothing."""
    announce_in(command, site)

    assert said == []


@behaviour("log.startup", MUST, source=CHAPTER)
def test_gunicorn(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under gunicorn it is said at once."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce(site)

    assert said == ["Microblog startup"]


@behaviour("log.commands-are-silent", SHOULD)
def test_command_under_gunicorn(
    site: Flask, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that a gunicorn worker starts says nothing either."""
    monkeypatch.setenv("SERVER_SOFTWARE", "gunicorn/23.0.0")
    announce_in(routes_command, site)

    assert said == []


@behaviour("log.startup", MUST, source=CHAPTER)
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


@behaviour("mail.flushed-at-exit", SHOULD)
def test_sigterm(site: Flask, said: list[str]) -> None:
    """SIGTERM ends `flask run` in good order, so that waiting mail is sent."""
    announce_in(run_command, site)

    with pytest.raises(SystemExit) as end:
        signal.raise_signal(signal.SIGTERM)
    assert end.value.code == 0


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
