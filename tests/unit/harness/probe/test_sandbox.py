"""The sandbox of other people's code."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from flask import Config

from tests.unit.harness.probe.modules import load_module


@pytest.fixture
def hook(tmp_path: Path) -> Any:
    """The audit hook of a target that was copied from a folder."""
    return load_module("sandbox").audit_hook(str(tmp_path))


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("{folder}/app.py", "w", os.O_WRONLY | os.O_CREAT)),
        ("open", ("{folder}/app.py", "r+", os.O_RDWR)),
        ("open", ("{folder}/app.py", None, os.O_WRONLY)),
        ("open", (b"{folder}/app.py", "a", os.O_APPEND)),
        ("open", (Path("{folder}/app.py"), None, os.O_CREAT)),
        ("open", ("{folder}/../{name}/app.py", "w", os.O_WRONLY)),
        ("os.mkdir", ("{folder}/logs", 0o777, -1)),
        ("os.rmdir", ("{folder}", -1)),
        ("os.rename", ("{folder}/app.py", "/elsewhere", -1, -1)),
        ("os.rename", ("/elsewhere", b"{folder}/app.py", -1, -1)),
        ("os.symlink", ("/elsewhere", "{folder}/app.py", -1)),
        ("sqlite3.connect", ("{folder}/app.db",)),
        ("sqlite3.connect", ("file:{folder}/app.db?mode=rwc",)),
        ("sqlite3.connect", (b"file://{folder}/app.db",)),
    ],
)
def test_original(
    hook: Any, tmp_path: Path, event: str, arguments: tuple[object, ...]
) -> None:
    """The folder that the target was copied from cannot be changed."""
    with pytest.raises(PermissionError, match="does not allow changing"):
        hook(event, [filled(one, tmp_path) for one in arguments])


def filled(argument: object, folder: Path) -> object:
    """Return an argument of an event with the folder filled in."""
    if isinstance(argument, Path):
        return Path(str(filled(str(argument), folder)))
    if isinstance(argument, bytes):
        return str(filled(argument.decode(), folder)).encode()
    if isinstance(argument, str):
        return argument.format(folder=folder, name=folder.name)
    return argument


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 8025))),
        ("socket.connect", (None, "/a/socket")),
        ("open", ("{folder}/app.py", "r", os.O_RDONLY | os.O_CLOEXEC)),
        ("open", ("{folder}-2/app.py", "w", os.O_WRONLY)),
        ("open", (3, "w", os.O_WRONLY)),
        ("os.mkdir", ("/elsewhere", 0o777, -1)),
        ("os.truncate", (3, 0)),
        ("os.symlink", ("{folder}/app.py", "/elsewhere", -1)),
        ("sqlite3.connect", (":memory:",)),
        ("import", ()),
    ],
)
def test_allowed(
    hook: Any, tmp_path: Path, event: str, arguments: tuple[object, ...]
) -> None:
    """Other connections, files and events are allowed."""
    assert hook(event, [filled(one, tmp_path) for one in arguments]) is None


@pytest.mark.parametrize("spelling", ["link", "folder/../folder"])
def test_original_by_another_name(tmp_path: Path, spelling: str) -> None:
    """The original is protected under each of its names."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    hook = load_module("sandbox").audit_hook(f"{tmp_path}/{spelling}")

    for name in ("folder", "link"):
        with pytest.raises(PermissionError):
            hook("os.mkdir", (f"{tmp_path}/{name}/logs", 0o777, -1))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["a@example.org"], ["a@example.org", "another@example.com"]),
        (["a@example.org", "b@example.org"], ["a@example.org", "b@example.org"]),
        ("a@example.org", "a@example.org"),
    ],
    ids=["one", "two", "text"],
)
def test_several_administrators(
    monkeypatch: pytest.MonkeyPatch, given: object, found: object
) -> None:
    """A second address is added to a list ADMINS of one, wherever it is read."""
    monkeypatch.setattr(Config, "__setitem__", Config.__setitem__)
    load_module("sandbox").add_administrator()

    config = Config(".")
    config.from_mapping(ADMINS=given, OTHER=["x"])

    assert config == {"ADMINS": found, "OTHER": ["x"]}
    assert given == found


def test_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The port that the process listens on is written to a file."""
    monkeypatch.setattr(socket.socket, "listen", socket.socket.listen)
    load_module("sandbox").report_port(str(tmp_path / "port.txt"))

    with socket.socket(socket.AF_UNIX) as local:
        local.bind(str(tmp_path / "local"))
        local.listen()
    assert not (tmp_path / "port.txt").exists()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert (tmp_path / "port.txt").read_text() == str(port)
