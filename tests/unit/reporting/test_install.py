"""An application with reporting installed, and the defaults of its settings."""

import io
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, abort
from flask.logging import default_handler

from app import reporting
from app.reporting import MailHandler, SharedRotatingFileHandler, set_defaults
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector, root_handlers

MakeApp = Callable[..., Flask]


@pytest.fixture
def make_site(make_app: MakeApp) -> MakeApp:
    """A function that makes an application with two failing pages."""

    def make(**settings: Any) -> Flask:
        site = make_app(**settings)

        @site.get("/fails")
        def fails() -> str:
            raise ValueError("grün")

        @site.get("/gone")
        def gone() -> str:
            abort(410)

        @site.errorhandler(500)
        def page(error: Exception) -> tuple[str, int]:
            return reporting.reference(), 500

        return site

    return make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The log file."""
    return tmp_path / "logs" / "microblog.log"


def kinds(site: Flask) -> list[str]:
    """Return the kinds of handlers that write a file or mail."""
    ours = (SharedRotatingFileHandler, MailHandler)
    return [type(h).__name__ for h in site.logger.handlers if isinstance(h, ours)]


@behaviour("mail.off-without-server")
@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["SharedRotatingFileHandler", "MailHandler"]),
        ({"MAIL_SERVER": None}, ["SharedRotatingFileHandler"]),
        ({"ADMINS": []}, ["SharedRotatingFileHandler"]),
        ({"LOG_TO_STDOUT": True}, ["MailHandler"]),
    ],
    ids=["server", "no-server", "no-admins", "stdout"],
)
def test_handlers(
    make_app: MakeApp, settings: dict[str, Any], expected: list[str]
) -> None:
    """Errors go to a file, and by mail if there are a server and administrators."""
    assert kinds(make_app(**settings)) == expected


@behaviour("log.file")
def test_opens_nothing(make_app: MakeApp, tmp_path: Path, mailbox: Mailbox) -> None:
    """Installing opens no file and no connection."""
    make_app()

    assert list(tmp_path.iterdir()) == []
    assert mailbox.connections == 0


@behaviour("rotation.threshold")
@behaviour("rotation.ten-backups")
@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, ("microblog.log", 10_240, 10)),
        (
            {"LOG_FILE": "x.log", "LOG_MAX_BYTES": 5, "LOG_BACKUPS": 2},
            ("x.log", 5, 2),
        ),
    ],
    ids=["default", "given"],
)
def test_limits(
    make_app: MakeApp, settings: dict[str, Any], limits: tuple[str, int, int]
) -> None:
    """A log file has less than 10,240 bytes and ten backups by default."""
    [file] = [
        handler
        for handler in make_app(**settings).logger.handlers
        if isinstance(handler, SharedRotatingFileHandler)
    ]

    name = Path(file.baseFilename).name
    assert (name, file.maxBytes, file.backupCount) == limits


@behaviour("mail.error-is-mailed")
@behaviour("log.traceback")
def test_exception(make_site: MakeApp, mailbox: Mailbox, path: Path) -> None:
    """An exception in a view is mailed and written, with its stack trace."""
    make_site().test_client().get("/fails")

    for text in (mailbox.next().text, path.read_text()):
        assert "Exception on /fails [GET]" in text
        assert text.rstrip().endswith("ValueError: grün")


@behaviour("errors.reference")
def test_reference(make_site: MakeApp, mailbox: Mailbox, path: Path) -> None:
    """Page, log and mail show the same reference."""
    reference = make_site().test_client().get("/fails").get_data(as_text=True)

    assert re.findall(r"\[ref (\w+)\]", path.read_text()) == [reference]
    assert f"Reference: {reference}\n" in mailbox.next().text


@behaviour("mail.not-for-client-errors")
@pytest.mark.parametrize("address", ["/unknown", "/gone"])
def test_client_errors(
    make_site: MakeApp, mailbox: Mailbox, path: Path, address: str
) -> None:
    """Client errors are neither mailed nor written."""
    make_site().test_client().get(address)

    assert mailbox.empty()
    assert "ERROR" not in path.read_text()


@behaviour("log.level")
@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, logging.INFO),
        ({"LOG_LEVEL": "WARNING"}, logging.WARNING),
        ({"DEBUG": True}, logging.DEBUG),
    ],
    ids=["default", "given", "debug"],
)
def test_level(make_app: MakeApp, settings: dict[str, Any], level: int) -> None:
    """The log level is INFO or LOG_LEVEL, and DEBUG in debug mode."""
    assert make_app(**settings).logger.level == level


@behaviour("mail.off-in-debug")
@behaviour("log.off-in-debug")
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_debug(make_app: MakeApp, mailbox: Mailbox, path: Path, before: bool) -> None:
    """In debug mode nothing is mailed or written, even if it is turned on later."""
    site = make_app(DEBUG=before)
    site.debug = True
    site.logger.error("Broken")
    logging.getLogger("a_library").error("Broken")

    assert not path.exists()
    assert mailbox.connections == 0


@behaviour("log.one-line-per-event")
@behaviour("mail.no-secrets")
@root_handlers()
def test_console(make_app: MakeApp) -> None:
    """Records on the server's error stream are escaped and redacted."""
    site = make_app()
    errors = io.StringIO()
    with site.test_request_context(errors_stream=errors):
        site.logger.error("a\x1b[2Jb password=hush")

    assert r"a\x1b[2Jb password=[hidden] [ref " in errors.getvalue()
    assert default_handler not in site.logger.handlers


@behaviour("log.stdout")
@root_handlers()
def test_stdout(
    make_app: MakeApp, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With LOG_TO_STDOUT, records go to standard output and to no file."""
    make_app(LOG_TO_STDOUT=True).logger.error("Grün")

    output = capsys.readouterr()
    assert re.fullmatch(r"[-0-9]+ [:,0-9]+ ERROR: Grün \[in .*:\d+\]\n", output.out)
    assert output.err == ""
    assert not path.exists()


@behaviour("log.stdout")
@behaviour("log.utf8")
def test_stdout_in_any_locale(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output is written in UTF-8 in any locale."""
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, "ascii"))
    make_app(LOG_TO_STDOUT=True).logger.error("Grün ☃")

    assert "Grün ☃ [in " in output.getvalue().decode("utf-8")


@behaviour("log.stdout")
def test_stdout_of_another_kind(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standard output without a byte stream is written as text."""
    monkeypatch.setattr(sys, "stdout", output := io.StringIO())
    make_app(LOG_TO_STDOUT=True).logger.error("Broken")

    assert "ERROR: Broken [in " in output.getvalue()


@behaviour("log.stdout")
@root_handlers()
def test_stdout_in_debug_mode(
    make_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    """In debug mode errors are on stderr, even with LOG_TO_STDOUT."""
    make_app(LOG_TO_STDOUT=True, DEBUG=True).logger.error("Broken")

    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("Broken") == 1


@behaviour("log.once")
def test_installed_again(make_app: MakeApp, path: Path) -> None:
    """A second application with the same logger replaces the first one's handlers."""
    site, _ = make_app(), make_app()
    site.logger.error("Broken")
    logging.getLogger("a_library").error("Burst")

    assert kinds(site) == ["SharedRotatingFileHandler", "MailHandler"]
    assert path.read_text().count("Broken") == 1
    assert path.read_text().count("Burst") == 1


@behaviour("log.once")
@pytest.mark.parametrize("propagate", [True, False])
def test_root_handler(
    make_app: MakeApp, path: Path, propagate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record is written once to the log and once to the root logger's handler."""
    monkeypatch.setattr(logging.getLogger("a_site"), "propagate", propagate)
    with root_handlers(collector := Collector()):
        make_app().logger.error("Broken")

    assert path.read_text().count("Broken") == 1
    assert collector.messages.count("Broken") == propagate


@behaviour("log.once")
def test_two_applications(make_app: MakeApp, tmp_path: Path) -> None:
    """Two applications in a process each write only their own records, once."""
    sites = {
        name: make_app(name, LOG_FILE=f"{name}.log")
        for name in ("a_site", "another_site")
    }
    for name, site in sites.items():
        site.logger.error("Broken in %s", name)

    for name in sites:
        log = (tmp_path / "logs" / f"{name}.log").read_text()
        assert [line.split("in ")[1][:-2] for line in log.splitlines()] == [name]


# -- settings --------------------------------------------------------------------------


#: The chapter's values.
CHAPTER = {
    "LOG_FILE": "microblog.log",
    "LOG_LEVEL": "INFO",
    "LOG_MAX_BYTES": 10_240,
    "LOG_BACKUPS": 10,
    "STARTUP_MESSAGE": "Microblog startup",
    "MAIL_SUBJECT": "Microblog Failure",
}


def configured(**settings: Any) -> dict[str, Any]:
    """Return the configuration of an application with these settings."""
    app = Flask("site")
    app.config.update(settings)
    set_defaults(app)
    return app.config


@behaviour("rotation.threshold")
@behaviour("rotation.ten-backups")
@pytest.mark.parametrize(("setting", "value"), CHAPTER.items())
def test_chapter(setting: str, value: object) -> None:
    """A setting that is missing or None has the chapter's value."""
    assert configured()[setting] == value
    assert configured(**{setting: None})[setting] == value


def test_given() -> None:
    """A given setting is kept, even if it is 0."""
    assert configured(MAIL_SUBJECT="Broken", LOG_BACKUPS=0)["MAIL_SUBJECT"] == "Broken"
    assert configured(LOG_BACKUPS=0)["LOG_BACKUPS"] == 0


@behaviour("mail.default-port")
@pytest.mark.parametrize(
    ("settings", "port"),
    [
        ({}, 25),
        ({"MAIL_USE_TLS": True}, 25),
        ({"MAIL_USE_SSL": True}, 465),
        ({"MAIL_PORT": "587"}, 587),
    ],
    ids=["none", "starttls", "tls", "text"],
)
def test_port(settings: dict[str, Any], port: int) -> None:
    """The default port is 25, or 465 with implicit TLS."""
    assert configured(**settings)["MAIL_PORT"] == port


@pytest.mark.parametrize(
    "admins", [["a@example.com", "b@example.com"], "a@example.com, b@example.com"]
)
def test_admins(admins: object) -> None:
    """ADMINS is a list, or a string with commas."""
    found = configured(ADMINS=admins)["ADMINS"]

    assert found == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize("kind", [str, Path])
def test_log_dir(tmp_path: Path, kind: type) -> None:
    """LOG_DIR is a string or a path."""
    assert configured(LOG_DIR=kind(tmp_path))["LOG_DIR"] == tmp_path


@behaviour("log.beside-the-app")
def test_log_dir_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative LOG_DIR is resolved when reporting is installed."""
    monkeypatch.chdir(tmp_path)

    assert configured(LOG_DIR="there")["LOG_DIR"] == tmp_path / "there"


@behaviour("log.beside-the-app")
@pytest.mark.parametrize(("is_package", "place"), [(True, ".."), (False, ".")])
def test_default_log_dir(
    tmp_path: Path, is_package: bool, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default log folder is logs/ next to the package or module."""
    module = ModuleType("site")
    module.__dict__.update({"__path__": []} if is_package else {})
    monkeypatch.setitem(sys.modules, "a_site", module)
    app = Flask("a_site", root_path=str(tmp_path))
    set_defaults(app)

    assert app.config["LOG_DIR"] == (tmp_path / place).resolve() / "logs"
