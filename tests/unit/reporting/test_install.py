"""What an application reports once reporting is installed."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort
from flask.logging import default_handler

from app import reporting
from app.reporting.mail import MailHandler
from app.reporting.rotation import SharedRotatingFileHandler
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour


@pytest.fixture
def site(config: dict[str, Any], mailbox: Mailbox) -> Iterator[Flask]:
    """An application of two pages: one fails, the other tells its reference."""
    site = Flask("a_site")
    site.config.update(config | {"MAIL_PORT": mailbox.port, "MAIL_INTERVAL": 0})

    @site.get("/fails")
    def fails() -> str:
        raise ValueError("grün")

    @site.get("/gone")
    def gone() -> str:
        abort(410)

    @site.errorhandler(500)
    def page(error: Exception) -> tuple[str, int]:
        return reporting.reference(), 500

    yield site
    for handler in site.logger.handlers[:]:
        site.logger.removeHandler(handler)
        handler.close()
    site.logger.setLevel(logging.NOTSET)


@pytest.fixture
def path(config: dict[str, Any]) -> Path:
    """The log file."""
    path = config["LOG_DIR"] / "microblog.log"
    assert isinstance(path, Path)
    return path


def handlers(site: Flask) -> list[str]:
    """The kinds of handlers that reporting installed."""
    ours = (SharedRotatingFileHandler, MailHandler)
    return [type(h).__name__ for h in site.logger.handlers if isinstance(h, ours)]


@behaviour("mail.off-without-server")
@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("MAIL_SERVER", "localhost", ["SharedRotatingFileHandler", "MailHandler"]),
        ("MAIL_SERVER", None, ["SharedRotatingFileHandler"]),
        ("ADMINS", [], ["SharedRotatingFileHandler"]),
    ],
    ids=["server", "no-server", "no-admins"],
)
def test_handlers(
    site: Flask, setting: str, value: object, expected: list[str]
) -> None:
    """There is a log file, and mail where there is a server and somebody to read it."""
    site.config[setting] = value
    reporting.install(site)

    assert handlers(site) == expected


@behaviour("mail.error-is-mailed")
@behaviour("log.traceback")
def test_exception(site: Flask, mailbox: Mailbox, path: Path) -> None:
    """An exception in a view is mailed and written, with its stack trace."""
    reporting.install(site)
    site.test_client().get("/fails")

    for text in (mailbox.next().text, path.read_text()):
        assert "Exception on /fails [GET]" in text
        assert text.rstrip().endswith("ValueError: grün")


@behaviour("errors.reference")
def test_reference(site: Flask, mailbox: Mailbox, path: Path) -> None:
    """Page, log and mail carry one reference."""
    reporting.install(site)
    reference = site.test_client().get("/fails").get_data(as_text=True)

    assert re.findall(r"\[ref (\w+)\]", path.read_text()) == [reference]
    assert f"Reference: {reference}\n" in mailbox.next().text


@behaviour("mail.not-for-client-errors")
@pytest.mark.parametrize("address", ["/unknown", "/gone"])
def test_client_errors(site: Flask, mailbox: Mailbox, path: Path, address: str) -> None:
    """An HTTP error that is not the server's is neither mailed nor written."""
    reporting.install(site)
    site.test_client().get(address)

    assert mailbox.empty()
    assert "ERROR" not in path.read_text()


@behaviour("log.level")
@pytest.mark.parametrize(
    ("debug", "level"), [(False, logging.INFO), (True, logging.DEBUG)]
)
def test_level(site: Flask, debug: bool, level: int) -> None:
    """Outside debug mode, INFO and above is logged; in it, everything."""
    site.debug = debug
    reporting.install(site)

    assert site.logger.level == level


@behaviour("mail.off-in-debug")
@behaviour("log.off-in-debug")
@pytest.mark.parametrize("when", ["before", "after"])
def test_debug(site: Flask, mailbox: Mailbox, path: Path, when: str) -> None:
    """In debug mode nothing is mailed or written, also if it is turned on later."""
    site.debug = when == "before"
    reporting.install(site)
    site.debug = True
    site.logger.error("Broken")

    assert not path.exists()
    assert mailbox.connections == 0


@behaviour("log.one-line-per-event")
@behaviour("mail.no-secrets")
def test_stderr(site: Flask) -> None:
    """What Flask writes to the server's output is escaped and redacted as well."""
    site.logger.addHandler(default_handler)
    reporting.install(site)
    errors = io.StringIO()
    with site.test_request_context(errors_stream=errors):
        site.logger.error("a\x1b[2Jb password=hush")

    assert r"a\x1b[2Jb password=[hidden] [ref " in errors.getvalue()


def test_installed_again(site: Flask, path: Path) -> None:
    """An application made later in one process takes the place of the earlier one."""
    reporting.install(site)
    reporting.install(site)
    site.logger.error("Broken")

    assert handlers(site) == ["SharedRotatingFileHandler", "MailHandler"]
    assert path.read_text().count("Broken") == 1
