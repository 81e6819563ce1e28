"""The log file as the settings describe it."""

import logging
from pathlib import Path
from typing import Any

import pytest

from app.reporting.logfile import file_handler
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Record


@behaviour("log.file")
def test_builder_opens_nothing(config: dict[str, Any], tmp_path: Path) -> None:
    """Building the handler touches no file."""
    file_handler(config)

    assert list(tmp_path.iterdir()) == []


@behaviour("log.file")
def test_place(config: dict[str, Any], tmp_path: Path) -> None:
    """The file is microblog.log in the folder of the settings."""
    handler = file_handler(config)

    assert handler.baseFilename == str(tmp_path / "logs" / "microblog.log")


@behaviour("log.beside-the-app")
def test_absolute(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder is meant from where the handler was built, for good."""
    monkeypatch.chdir(tmp_path)
    handler = file_handler(config | {"LOG_DIR": Path("there")})
    monkeypatch.chdir("/")

    assert handler.baseFilename == str(tmp_path / "there" / "microblog.log")


@behaviour("log.level")
def test_level(config: dict[str, Any]) -> None:
    """The handler takes INFO and above."""
    assert file_handler(config).level == logging.INFO


@behaviour("rotation.threshold")
@behaviour("rotation.ten-backups")
def test_limits(config: dict[str, Any]) -> None:
    """A file has less than 10,240 bytes, and ten backups are kept."""
    handler = file_handler(config)

    assert (handler.maxBytes, handler.backupCount) == (10_240, 10)


@behaviour("log.format")
def test_format(config: dict[str, Any], record: Record) -> None:
    """A line ends in the message and the place where it was logged."""
    handler = file_handler(config)
    handler.handle(record("Hello"))
    handler.close()

    line = Path(handler.baseFilename).read_text()
    assert line[23:] == " ERROR: Hello [in /srv/app/posts.py:7]\n"


@behaviour("mail.no-secrets")
def test_own_secrets(config: dict[str, Any], record: Record) -> None:
    """The application's own secrets are in no line."""
    handler = file_handler(config)
    handler.handle(record("the key that signs, and db-passw0rd"))
    handler.close()

    text = Path(handler.baseFilename).read_text()
    assert "the key that signs" not in text
    assert "db-passw0rd" not in text
