"""Checks of the paths on the command line, before anything is started."""

import sys
from pathlib import Path

import pytest

from microblog_check import __main__ as command
from tests.contract.__main__ import main
from tests.contract.checking import check_folder, check_python
from tests.contract.importing import find_entry, likeliest
from tests.contract.options import Options
from tests.contract.target_errors import CannotBeJudged
from tests.unit.unprivileged import unprivileged


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the line in which the command refuses its arguments."""
    assert main(arguments) == 2
    *_, line = capsys.readouterr().err.strip().splitlines()
    return line


def test_folder(tmp_path: Path) -> None:
    """A readable folder is accepted under any name."""
    for name in ("My blog", "Müller & Söhne", "archive.zip"):
        (tmp_path / name).mkdir()
        check_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone", "There is no {here}/gone. Name the target's folder."),
        (
            "my-micro-blog",
            "There is no {here}/my-micro-blog. Name the target's folder, perhaps "
            "{here}/my-microblog.",
        ),
        ("gone/blog", "There is no {here}/gone/blog. Name the target's folder."),
        ("app.py", "{here}/app.py is a file. Name its folder: {here}."),
        (
            "blog.ZIP",
            "{here}/blog.ZIP is an archive. Unpack it, and name the resulting folder.",
        ),
    ],
    ids=["missing", "misspelt", "far", "file", "archive"],
)
def test_wrong_path(tmp_path: Path, name: str, said: str) -> None:
    """A path that is not a folder is refused in one line with advice."""
    (tmp_path / "my-microblog").mkdir()
    (tmp_path / "app.py").touch()
    (tmp_path / "blog.ZIP").touch()

    with pytest.raises(CannotBeJudged) as error:
        check_folder(tmp_path / name)

    assert str(error.value) == said.format(here=tmp_path)


def test_path_without_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A path that the shell has split at a space is recognized."""
    (tmp_path / "my first blog").mkdir()

    said = refused(*f"{tmp_path}/my first blog".split(), capsys=capsys)

    assert said == f'A path with spaces needs quotes: "{tmp_path}/my first blog".'


@pytest.mark.parametrize("deep", ["", "project"], ids=["plain", "one-deeper"])
def test_folder_of_submissions(tmp_path: Path, deep: str) -> None:
    """A folder of several applications is refused, with --all as advice."""
    for name in ("anna", "bob"):
        (tmp_path / name / deep).mkdir(parents=True)
        (tmp_path / name / deep / "app.py").write_text("app = Flask(__name__)\n")
    (tmp_path / "notes.txt").touch()

    with pytest.raises(CannotBeJudged) as error:
        likeliest(tmp_path)

    assert str(error.value) == (
        f"{tmp_path} contains several applications: anna, bob. Name one, or judge all "
        "of them with --all."
    )
    assert likeliest(tmp_path / "anna")[0].app == "app:app"


def test_no_application(tmp_path: Path) -> None:
    """A folder without an application is refused with what a target needs."""
    (tmp_path / "notes").mkdir()

    with pytest.raises(CannotBeJudged, match="is not a Flask application"):
        likeliest(tmp_path)


@pytest.mark.parametrize(
    "closed", [".", "blog", "blog/app", "blog/app/__init__.py", "blog/wsgi.py"]
)
def test_no_rights(open_folder: Path, closed: str) -> None:
    """An unreadable file of the target is reported with the command that opens it."""
    blog = open_folder / "blog"
    (blog / "app").mkdir(parents=True)
    (blog / "app" / "__init__.py").write_text("app = Flask('x')\n")
    if closed.endswith("wsgi.py"):
        (blog / "wsgi.py").touch()
    path = (open_folder / closed).resolve()
    path.chmod(0)
    options = Options(blog, sys.executable)
    try:
        with unprivileged(), pytest.raises(CannotBeJudged) as error:
            find_entry(options, open_folder)
    finally:
        path.chmod(0o755)

    named = blog if closed == "." else path
    assert str(error.value).startswith(f"{named} cannot be read: permission denied.")
    assert "chmod -R u+rX" in str(error.value)


def test_no_interpreter(tmp_path: Path) -> None:
    """An interpreter that does not exist is refused with its path."""
    with pytest.raises(CannotBeJudged) as error:
        check_python("/no/venv/bin/python")

    assert str(error.value) == (
        "There is no interpreter /no/venv/bin/python (--target-python). Create an "
        "environment with python3 -m venv, or use --install."
    )
    check_python(sys.executable)


def test_closed_folder_next_to_others(open_folder: Path) -> None:
    """An unreadable subfolder does not hide the applications in the others."""
    for name in ("anna", "bob", "closed"):
        (open_folder / name / "blog").mkdir(parents=True)
        (open_folder / name / "blog" / "app.py").write_text("app = Flask('x')\n")
    (open_folder / "closed" / "blog").chmod(0)
    try:
        with unprivileged(), pytest.raises(CannotBeJudged) as error:
            likeliest(open_folder)
    finally:
        (open_folder / "closed" / "blog").chmod(0o755)

    assert "several applications: anna, bob." in str(error.value)


@pytest.mark.parametrize(
    ("prints", "ends"),
    [("2 7", 0), ("3 7", 0), ("3 8", 0), ("", 1), ("what?", 0)],
)
def test_old_interpreter(tmp_path: Path, prints: str, ends: int) -> None:
    """A Python below 3.8 is refused; other output is left to the import."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho '{prints}'\nexit {ends}\n")
    python.chmod(0o755)

    if prints in ("2 7", "3 7"):
        version = prints.replace(" ", ".")
        with pytest.raises(
            CannotBeJudged, match=f"is Python {version}, .* 3.8 or newer"
        ):
            check_python(str(python))
    else:
        check_python(str(python))


def test_old_interpreter_of_the_judge(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a Python below 3.11, the command ends with one line."""
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))

    assert command.main() == 2
    assert capsys.readouterr().err == (
        "microblog-check needs Python 3.11 or newer, and this is 3.8; the application "
        "itself may run on an older one (--target-python).\n"
    )
