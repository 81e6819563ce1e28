"""What keeps other people's code from all that is not the harness's."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target import PROBE


@pytest.fixture
def watch(tmp_path: Path) -> Any:
    """The audit hook, for a target that was copied from a folder."""
    path = PROBE / "harness_probe" / "stranger.py"
    spec = importlib.util.spec_from_file_location("stranger", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.watcher(f"{tmp_path}/")


@pytest.mark.parametrize("port", [25, 465, 587])
def test_mail_server_of_this_machine(watch: Any, port: int) -> None:
    """This machine's own mail server is out of reach."""
    with pytest.raises(ConnectionRefusedError, match="keeps mail in"):
        watch("socket.connect", (None, ("127.0.0.1", port)))


@pytest.mark.parametrize("mode", ["w", "a", "r+", "xb"])
def test_original(watch: Any, tmp_path: Path, mode: str) -> None:
    """Nothing is written to the folder that the target was copied from."""
    with pytest.raises(PermissionError, match="as it is"):
        watch("open", (str(tmp_path / "app.py"), mode, 0))


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 8025))),
        ("socket.connect", (None, "/a/socket")),
        ("open", ("{folder}/app.py", "r", 0)),
        ("open", ("/elsewhere/app.py", "w", 0)),
        ("open", (3, None, 0)),
        ("import", ()),
    ],
)
def test_allowed(
    watch: Any, tmp_path: Path, event: str, arguments: tuple[object, ...]
) -> None:
    """Everything else goes on."""
    told = [
        one.format(folder=tmp_path) if isinstance(one, str) else one
        for one in arguments
    ]

    assert watch(event, told) is None
