"""Candidates for the application, found by reading the sources."""

from pathlib import Path

import pytest

from tests.contract.sources import candidates
from tests.contract.target_errors import CannotBeJudged
from tests.unit.unprivileged import unprivileged

OBJECT = "from flask import Flask\nblog = Flask(__name__)\n"
FACTORY = "def create_app(config):\n    return 1\n"


def write(folder: Path, **files: str) -> Path:
    """Write modules; "__" in a name stands for a slash, "init" for __init__."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").replace("init", "__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({"single": OBJECT}, "single:blog"),
        ({"pack__init": OBJECT}, "pack:blog"),
        ({"pack__init": FACTORY}, "pack:create_app"),
        ({"wsgi": "app = create_app()", "pack__init": FACTORY}, "wsgi:app"),
        ({"microblog": "from app import app", "app__init": OBJECT}, "app:blog"),
        ({"run": "from app import app", "app__init": "app = 1"}, "run:app"),
        ({"pack__init": "", "pack__main": OBJECT}, "pack.main:blog"),
        ({"site": "def build():\n    return Flask('x')\n"}, "site:build"),
        ({"app": "if 1:\n    app = Flask('x')\n"}, "app:app"),
        ({"app": "def broken(:\n"}, "app"),
        ({"a": "app = make()\ndef make():\n    pass\n", "b": OBJECT}, "b:blog"),
        ({"tests__init": OBJECT, "pack__init": OBJECT}, "pack:blog"),
        ({"mailtest": OBJECT, "pack__init": OBJECT}, "pack:blog"),
        ({"a": OBJECT, "b": f"import flask_sqlalchemy\n{OBJECT}"}, "b:blog"),
        (
            {"a": OBJECT, "pack__init": f"import flask_sqlalchemy\n{FACTORY}"},
            "pack:create_app",
        ),
    ],
)
def test_likeliest(tmp_path: Path, files: dict[str, str], first: str) -> None:
    """The most likely application comes first."""
    assert candidates(write(tmp_path, **files))[0].app == first


@pytest.mark.parametrize(
    "line", ["FLASK_APP=b.py", "export FLASK_APP='b:blog'", "FLASK_APP = b"]
)
def test_flask_app(tmp_path: Path, line: str) -> None:
    """FLASK_APP in .flaskenv decides which application is used."""
    write(tmp_path, a=OBJECT, b=OBJECT)
    (tmp_path / ".env").write_text("SECRET=x\n")
    (tmp_path / ".flaskenv").write_text(line)

    assert candidates(tmp_path)[0].app == "b:blog"


def test_no_flask_app(open_folder: Path) -> None:
    """Dot files without FLASK_APP, and unreadable ones, are ignored."""
    write(open_folder, a=OBJECT)
    (open_folder / ".flaskenv").write_text("FLASK_DEBUG=1\n")
    (open_folder / ".env").write_text("FLASK_APP=b\n")
    (open_folder / ".env").chmod(0)

    with unprivileged():
        found = candidates(open_folder)

    assert [one.app for one in found] == ["a:blog"]


def test_one_folder_down(tmp_path: Path) -> None:
    """The application may be in a subfolder; environments are not searched."""
    write(tmp_path / "blog", app=OBJECT)
    write(tmp_path / "venv", app=OBJECT)
    write(tmp_path / ".hidden", app=OBJECT)
    environment = write(tmp_path / "another", app=OBJECT)
    (environment / "pyvenv.cfg").touch()

    [found] = candidates(tmp_path)

    assert (found.folder, found.app) == (tmp_path / "blog", "app:blog")


def test_nothing(tmp_path: Path) -> None:
    """A folder without an application is refused."""
    write(tmp_path, hello="print('hello')\n", broken="def (")

    with pytest.raises(CannotBeJudged, match="is not a Flask application"):
        candidates(tmp_path)
