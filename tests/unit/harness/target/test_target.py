"""What is tested: how it is copied, and in which environment it runs."""

from pathlib import Path

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.target.target import REPOSITORY, Target


def write(folder: Path, *paths: str) -> None:
    """Write files into a folder."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")


def files(folder: Path) -> list[str]:
    """The files of a folder, by their paths."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an application and with what stays behind."""
    folder = tmp_path / "original"
    folder.mkdir()
    return folder


def test_copy(folder: Path, tmp_path: Path) -> None:
    """The application is copied, in folders of any depth."""
    write(folder, "app/__init__.py", "app/static/css/style.css", "migrations/env.py")

    Target(folder).copy_to(tmp_path / "copy")

    assert files(tmp_path / "copy") == files(folder)


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        ".flaskenv",
        ".git/config",
        "app.db",
        "app/data.sqlite3",
        "app/__pycache__/routes.cpython-311.pyc",
        "htmlcov/index.html",
        "instance/config.py",
        "logs/microblog.log",
        "microblog.log",
        "microblog.log.1",
        "var/microblog.log.2026-11-23",
        "log/production.txt",
        "app.db-wal",
        "app.db-shm",
        "app.db-journal",
        "app.sqlite-wal",
        "node_modules/package.json",
        "tests/test_app.py",
        "microblog.egg-info/PKG-INFO",
    ],
)
def test_copy_leaves_out(folder: Path, tmp_path: Path, path: str) -> None:
    """Secrets, switches, data and traces of earlier runs stay behind."""
    write(folder, "app.py", path)

    Target(folder).copy_to(tmp_path / "copy")

    assert files(tmp_path / "copy") == ["app.py"]


def test_copy_keeps_code(folder: Path, tmp_path: Path) -> None:
    """A package is copied though it is called as a folder of logs is."""
    write(folder, "app/log/__init__.py", "log.py", "logs/__init__.py")

    Target(folder).copy_to(tmp_path / "copy")

    assert files(tmp_path / "copy") == files(folder)


def test_copy_leaves_dangling_links_out(folder: Path, tmp_path: Path) -> None:
    """A link that leads nowhere hinders nobody."""
    (folder / "link").symlink_to(tmp_path / "gone")

    Target(folder).copy_to(tmp_path / "copy")

    assert not (tmp_path / "copy" / "link").is_symlink()


def test_copy_leaves_environments_out(folder: Path, tmp_path: Path) -> None:
    """A virtual environment stays behind, whatever it is called."""
    write(folder, "app.py", "my-python/pyvenv.cfg", "my-python/lib/flask.py")

    Target(folder).copy_to(tmp_path / "copy")

    assert files(tmp_path / "copy") == ["app.py"]


@pytest.mark.parametrize("name", ["MAIL_SERVER", "FLASK_DEBUG", "DATABASE_URL"])
def test_environment_is_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Nothing that configures an application is handed down to the target."""
    monkeypatch.setenv(name, "the caller's own")

    assert name not in Target(tmp_path).environment(tmp_path)


def test_environment_is_elsewhere(tmp_path: Path) -> None:
    """A target is at home in the scratch folder, and finds its programs."""
    environment = Target(tmp_path).environment(tmp_path)

    assert (environment["HOME"], environment["TMPDIR"]) == (str(tmp_path),) * 2
    assert environment["PATH"]


def test_environment_of_the_target(tmp_path: Path) -> None:
    """What the target is said to need is in its environment, and wins."""
    target = Target(tmp_path, env={"SECRET_KEY": "another", "MODE": "fast"})

    environment = target.environment(tmp_path)

    assert (environment["SECRET_KEY"], environment["MODE"]) == ("another", "fast")


def test_own_target() -> None:
    """The target of this repository is its own application."""
    own = Target.own()

    assert (own.folder, own.app, own.is_own) == (REPOSITORY, "app:create_app", True)


def test_without_migrations(tmp_path: Path) -> None:
    """Of a target without migrations it is said that it does not offer them."""
    Target.own().require_migrations()

    with pytest.raises(NotOffered, match="migrations"):
        Target(tmp_path).require_migrations()
