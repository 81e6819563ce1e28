"""The guards around other people's code in a running process."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.server.process import Process
from tests.harness.target.command import run
from tests.harness.target.target import PROBE, Target
from tests.harness.target.workplace import Workplace

GUARD = PROBE / "harness_probe" / "network_guard.py"

#: Attempts to reach another machine, and the exceptions that they raise.
ATTEMPTS = {
    "socket.socket().connect(('192.0.2.1', 25))": "Blocked",
    "socket.socket().connect_ex(('192.0.2.1', 25))": "Blocked",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))": "Blocked",
    "socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 53))": "Blocked",
    "socket.create_connection(('mail.example', 25), 5)": "NotResolved",
    "socket.gethostbyname('mail.example')": "NotResolved",
}


def test_guarded_process(python: Callable[..., Process]) -> None:
    """A guarded process cannot reach another machine."""
    process = python(
        "import runpy, socket",
        f"runpy.run_path({str(GUARD)!r})['install']()",
        f"for attempt in {list(ATTEMPTS)}:",
        "    try: print('got out:', eval(attempt))",
        "    except OSError as error: print(type(error).__name__)",
    )
    process.wait()

    assert process.output.splitlines() == list(ATTEMPTS.values())


def test_guarded_process_on_this_machine(python: Callable[..., Process]) -> None:
    """A guarded process can reach a server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = python(
            "import runpy, socket",
            f"runpy.run_path({str(GUARD)!r})['install']()",
            f"socket.create_connection({server.getsockname()}).close()",
        )

        assert process.wait() == 0, process.output


#: A target with its own database, which starts a server when it is imported.
SELF_SERVING = """
import importlib.util, json, os, sys

if "without" in sys.argv:
    sys.modules["flask_sqlalchemy"] = None
path, original, url = sys.argv[1:4]
spec = importlib.util.spec_from_file_location("sandbox", path)
sandbox = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sandbox)
environ = {"HARNESS_ORIGINAL": original, "HARNESS_STATE": original}
sandbox.install({**environ, "DATABASE_URL": url} if url else environ)

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
import sqlite3
there = os.path.join(original, "app.py")
for write in (
    lambda: open(there, "w"),
    lambda: open(there.encode(), "ab"),
    lambda: os.open(there, os.O_WRONLY | os.O_CREAT),
    lambda: os.mkdir(there),
    lambda: os.rename(path, there),
    lambda: os.link(path, there),
    lambda: os.symlink(path, there),
    lambda: os.utime(original),
    lambda: sqlite3.connect(there),
    lambda: sqlite3.connect("file:" + there, uri=True),
):
    try:
        write()
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
def test_sandbox(tmp_path: Path, url: str, more: tuple[str, ...], printed: str) -> None:
    """A target uses the harness's database, and does not start a server itself."""
    probe = PROBE / "harness_probe" / "sandbox.py"
    finished = subprocess.run(
        [sys.executable, "-c", SELF_SERVING, str(probe), str(tmp_path), url, *more],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert (finished.stdout, finished.stderr) == (
        f"{printed}None\n" + "refused\n" * 10,
        "",
    )
    assert list(tmp_path.iterdir()) == []


#: A target that tries what is not allowed when it is imported.
TRIES = """
import socket, sys
print("forked" if "flask_migrate" in sys.modules else "started")

from flask import Flask
app = Flask(__name__)
for attempt in (
    lambda: open({path!r}, "a"),
    lambda: socket.socket().connect(("192.0.2.1", 25)),
):
    try:
        attempt()
        print("done")
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.mark.parametrize("start", ["forked", "started"])
@pytest.mark.parametrize("probed", [True, False], ids=["probed", "command"])
def test_programs_of_a_target(tmp_path: Path, start: str, probed: bool) -> None:
    """No program of a target can change the original or reach the network."""
    original = tmp_path / "original"
    original.mkdir()
    (original / "blog.py").write_text(TRIES.format(path=str(original / "blog.py")))
    workplace = Workplace.prepare(Target(original, app="blog:app"), tmp_path / "site")

    own_start = {"PYTHONHASHSEED": "1"} if start == "started" else {}
    finished = run(workplace, "flask", "routes", env=own_start, probed=probed)

    assert finished.output.splitlines()[:3] == [start, "PermissionError", "Blocked"]
