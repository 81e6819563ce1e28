"""What a target needs, as its files name it."""

import codecs
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.contract.packages import distribution
from tests.contract.requirements import Requirements, find_requirements
from tests.contract.target_errors import CannotBeJudged
from tests.unit.unprivileged import unprivileged

PYPROJECT = '[project]\nname = "blog"\ndependencies = ["flask>=3", "flask-login"]\n'
LOCK = """
[[package]]
name = "blog"
version = "0.1"
source = { virtual = "." }

[[package]]
name = "flask"
version = "3.1.0"

[[package]]
name = "numpy"
version = "2.2"

[[package]]
name = "numpy"
version = "2.3"
"""


def needs(folder: Path, files: Mapping[str, str | bytes]) -> Requirements:
    """Return what a folder with these files needs."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return find_requirements(folder)


@pytest.mark.parametrize("lock", ["uv.lock", "poetry.lock"])
def test_lock_file(tmp_path: Path, lock: str) -> None:
    """A lock file pins what pyproject.toml asks for, unless it has two versions."""
    (tmp_path / lock).write_text(LOCK)

    found = needs(tmp_path, {"pyproject.toml": PYPROJECT, "requirements.txt": "x"})

    assert found.source == lock
    assert found.lines == ("flask>=3", "flask-login")
    assert found.constraints == ("flask==3.1.0",)


def test_lock_file_alone(tmp_path: Path) -> None:
    """A lock file without pyproject.toml is left alone: nothing says what is direct."""
    assert needs(tmp_path, {"uv.lock": LOCK, "requirements.txt": "x"}).lines == ("x",)


def test_pipfile_lock(tmp_path: Path) -> None:
    """Pipfile.lock names versions, markers and repositories."""
    packages = {
        "flask": {"version": "==3.1.0", "markers": "python_version >= '3.9'"},
        "mine": {"path": "."},
        "login": {"git": "https://example.org/login", "ref": "abc"},
    }

    found = needs(tmp_path, {"Pipfile.lock": json.dumps({"default": packages})})

    assert found.lines == (
        "flask==3.1.0 ; python_version >= '3.9'",
        "login @ git+https://example.org/login@abc",
    )


def test_pipfile(tmp_path: Path) -> None:
    """A Pipfile without a lock names packages in any version, or in some."""
    found = needs(tmp_path, {"Pipfile": '[packages]\nflask = "*"\nrq = "==1.0"\n'})

    assert (found.source, found.lines) == ("Pipfile", ("flask", "rq==1.0"))


@pytest.mark.parametrize(
    "data",
    [
        "flask==3.1.0\r\nété\r\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "flask==3.1.0\r\nété\r\n".encode("utf-16-be"),
        "flask==3.1.0\nété\n".encode("utf-16-le"),
        "flask==3.1.0\nété\n".encode("utf-16-be"),
        "flask==3.1.0\nété\n".encode("utf-8-sig"),
        b"flask==3.1.0\r\n\xc3\xa9t\xc3\xa9\r\n",
    ],
    ids=["powershell", "utf-16-be", "le-unmarked", "be-unmarked", "bom", "windows"],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    """A requirements file may be UTF-16, marked or not, with any line ends."""
    assert needs(tmp_path, {"requirements.txt": data}).lines == ("flask==3.1.0", "été")


def test_requirements_txt(tmp_path: Path) -> None:
    """Includes are followed, and what no index has is left out."""
    found = needs(
        tmp_path,
        {
            "requirements.txt": (
                "# mine\nflask==3.1.0 \\\n  --hash=sha256:00  # pinned\n"
                "-r more.txt\n-e .\npkg_resources==0.0.0\n"
                "click @ file:///home/conda/click-8\n"
            ),
            "more.txt": "flask-login\n\n",
        },
    )

    assert found.lines == (
        "flask==3.1.0    --hash=sha256:00",
        *("flask-login", "click"),
    )


def test_missing_include(tmp_path: Path) -> None:
    """A missing requirements file that another one includes is named."""
    with pytest.raises(CannotBeJudged, match=r"more\.txt is missing"):
        needs(tmp_path, {"requirements.txt": "-r more.txt"})


def test_other_names(tmp_path: Path) -> None:
    """Without requirements.txt all files of such a name are read."""
    found = needs(tmp_path, {"requirements-dev.txt": "b", "requirements-a.txt": "a"})

    assert found == Requirements("requirements-a.txt, requirements-dev.txt", ("a", "b"))


@pytest.mark.parametrize(
    ("files", "lines"),
    [(("common", "prod"), ("common",)), (("dev", "prod"), ("dev", "prod"))],
    ids=["common", "all"],
)
def test_folder_of_requirements(
    tmp_path: Path, files: tuple[str, ...], lines: tuple[str, ...]
) -> None:
    """Of a folder requirements/ what is common is read, or else all."""
    found = needs(tmp_path, {f"requirements/{one}.txt": one for one in files})

    assert found.lines == lines


def test_one_folder_down(tmp_path: Path) -> None:
    """The files may lie next to an application that is one folder down."""
    (tmp_path / ".git").mkdir()

    assert needs(tmp_path, {"blog/requirements.txt": "flask"}).lines == ("flask",)


def test_closed_folder(open_folder: Path) -> None:
    """A requirements file that may not be read is named in one line."""
    (open_folder / "data").mkdir()
    (open_folder / "data").chmod(0)
    try:
        with unprivileged(), pytest.raises(CannotBeJudged) as raised:
            find_requirements(open_folder)
    finally:
        (open_folder / "data").chmod(0o755)

    assert "cannot be read: " in str(raised.value)
    assert "\n" not in str(raised.value)


def test_poetry(tmp_path: Path) -> None:
    """Poetry's carets and tildes become what pip understands."""
    found = needs(
        tmp_path,
        {
            "pyproject.toml": """
[tool.poetry.dependencies]
python = "^3.11"
a = "^3.1.2"
b = "^0.3"
c = "~1.2.3"
d = "*"
e = "1.0"
f = { version = ">=2,<3" }
g = { version = "1", optional = true }
h = "~=1.4"
[tool.poetry.dev-dependencies]
i = "*"
"""
        },
    )

    assert found.lines == (
        *("a>=3.1.2,==3.*", "b>=0.3,==0.3.*", "c>=1.2.3,==1.2.*", "d", "e==1.0"),
        *("f>=2,<3", "h~=1.4", "i"),
    )


def test_imports(tmp_path: Path) -> None:
    """Without any file the imports decide, but for Python's and the target's own."""
    (tmp_path / "venv" / "lib").mkdir(parents=True)
    (tmp_path / "venv" / "lib" / "x.py").write_text("import skipped\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyvenv.cfg").touch()
    (tmp_path / "mine" / "y.py").write_text("import skipped\n")

    found = needs(
        tmp_path,
        {
            "app/__init__.py": "import os, flask_login\nfrom dotenv import x\n",
            "app/forms.py": (
                "from . import views\nfrom config import X\n"
                "from wtforms.validators import Email\n"
                "if True:\n    import flask\ncheck = Email()\n"
                "try:\n    import ujson\nexcept ImportError:\n    ujson = None\n"
                "try:\n    import yaml\nfinally:\n    pass\n"
            ),
            "config.py": "X = 1",
            "broken.py": "def",
        },
    )

    assert found.source == "the imports of its code"
    assert found.lines == (
        *("email-validator", "flask", "flask-login", "python-dotenv", "PyYAML"),
        "wtforms",
    )


@pytest.mark.parametrize(
    ("lines", "limits"),
    [
        ("Flask==1.1.2", ("Werkzeug<2", "MarkupSafe<2.1", "SQLAlchemy<2")),
        ("flask==2.0.3\nwerkzeug==2.0.3\nSQLAlchemy==1.4", ()),
        ("flask == 2.2.2", ("Werkzeug<2.3",)),
        ("flask==2.3.2", ("Werkzeug<3",)),
        ("flask==3.0.0", ()),
        ("flask>=1\nFlask-Login==0.5.0", ()),
    ],
)
def test_limits_of_a_pinned_flask(
    tmp_path: Path, lines: str, limits: tuple[str, ...]
) -> None:
    """What works with a pinned Flask is installed where nothing else is pinned."""
    found = needs(tmp_path, {"requirements.txt": lines})

    assert found.constraints == limits


@pytest.mark.parametrize(
    ("code", "limits"),
    [
        ("from werkzeug.urls import url_parse", {"Werkzeug<3"}),
        ("from flask.ext.wtf import Form", {"Flask<1", "Werkzeug<1"}),
        ("from flask_script import Manager", {"Flask<2", "MarkupSafe<2.1"}),
        ("from flask.json import JSONEncoder", {"Flask<2.3", "Werkzeug<2.3"}),
        ("@babel.localeselector\ndef locale(): pass", {"Flask-Babel<3", "Flask<3"}),
        ("posts.paginate(page, 10, False)", {"Flask-SQLAlchemy<3", "SQLAlchemy<2"}),
        ("posts.paginate(page=page)", set()),
        ("db.paginate(query, page=page)", set()),
        ("from json import JSONEncoder", set()),
        ("from collections import Mapping", set()),
        ("from urls import url_parse", set()),
        ("from flask import url_for", set()),
    ],
)
def test_releases_that_still_have_it(
    tmp_path: Path, code: str, limits: set[str]
) -> None:
    """Of what the code imports, the newest releases that it can use are wanted."""
    found = needs(tmp_path, {"urls.py": "", "app.py": f"import flask\n{code}\n"})

    assert set(found.constraints) >= limits
    assert bool(found.constraints) == bool(limits)
    assert needs(tmp_path, {"requirements.txt": "Flask\nx\n"}).constraints == (
        found.constraints
    )


def test_nothing_to_install(tmp_path: Path) -> None:
    """A folder that needs nothing is refused."""
    with pytest.raises(CannotBeJudged, match=r"nothing to install\.$"):
        needs(tmp_path, {})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", "[project"),
        ("Pipfile.lock", "{}"),
        ("requirements.txt", b"flask\n\xff\xff\xff"),
    ],
)
def test_file_that_cannot_be_read(tmp_path: Path, name: str, content: str) -> None:
    """A file that cannot be read is named in one line."""
    with pytest.raises(CannotBeJudged) as raised:
        needs(tmp_path, {name: content})

    assert f"{name} cannot be read: " in str(raised.value)
    assert "\n" not in str(raised.value)


def test_empty_files(tmp_path: Path) -> None:
    """A file that names no package is passed over."""
    found = needs(
        tmp_path,
        {"Pipfile": "", "requirements.txt": "# none\n", "a.py": "import flask"},
    )

    assert found.lines == ("flask",)


@pytest.mark.parametrize(
    ("module", "package"),
    [("flask_login", "flask-login"), ("PIL.Image", "pillow"), ("jwt", "PyJWT")],
)
def test_name_of_a_package(module: str, package: str) -> None:
    """A module's package is known, also where it has another name."""
    assert distribution(module) == package
