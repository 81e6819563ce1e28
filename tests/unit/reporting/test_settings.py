"""The defaults of the settings."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from app.reporting.settings import set_defaults
from tests.harness.plugin.behaviour import behaviour

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
