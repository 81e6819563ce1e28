"""What keeps other people's code from all that is not the harness's."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target import PROBE
from tests.unit.probed import probed


@pytest.fixture
def watch(tmp_path: Path) -> Any:
    """The audit hook, for a target that was copied from a folder."""
    return probed("stranger").watcher(f"{tmp_path}/")


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


#: A target that has its own database, and serves itself when it is imported.
SELFISH = """
import importlib.util, json, os, sys

if "without" in sys.argv:
    sys.modules["flask_sqlalchemy"] = None
path, original, url = sys.argv[1:4]
spec = importlib.util.spec_from_file_location("stranger", path)
stranger = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stranger)
environ = {"HARNESS_ORIGINAL": original}
stranger.install({**environ, "DATABASE_URL": url} if url else environ)

from flask import Flask
app = Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:////nowhere/own.db"
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 3}
if "without" not in sys.argv:
    from flask_sqlalchemy import SQLAlchemy
    db = SQLAlchemy()
    db.init_app(app)
    with app.app_context():
        print(db.engine.url)
print(app.run(port=0))
try:
    open(os.path.join(original, "app.py"), "w")
except PermissionError as error:
    print("refused")
"""


@pytest.mark.parametrize(
    ("url", "more", "printed"),
    [
        ("sqlite:////somewhere/else.db", (), "sqlite:////somewhere/else.db\n"),
        ("", (), "sqlite:////nowhere/own.db\n"),
        ("sqlite:///x.db", ("without",), ""),
    ],
    ids=["harness", "own", "without"],
)
def test_installed(
    tmp_path: Path, url: str, more: tuple[str, ...], printed: str
) -> None:
    """The database is the harness's, and serving itself does nothing."""
    probe = PROBE / "harness_probe" / "stranger.py"
    run = subprocess.run(
        [sys.executable, "-c", SELFISH, str(probe), str(tmp_path), url, *more],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert (run.stdout, run.stderr) == (f"{printed}None\nrefused\n", "")
