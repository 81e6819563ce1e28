"""The copy of a target and its environment."""

from pathlib import Path

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.target.target import Target


def write(folder: Path, *paths: str) -> None:
    """Write files into a folder."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path, encoding="utf-8")


def files(folder: Path) -> list[str]:
    """Return the relative paths of all files in a folder."""
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a target."""
    folder = tmp_path / "original"
    folder.mkdir()
    return folder


def test_copied_files(folder: Path, tmp_path: Path) -> None:
    """Code is copied from folders of any depth, and packages of any name."""
    write(folder, "app/__init__.py", "app/static/css/style.css", "migrations/env.py")
    write(folder, "app/log/__init__.py", "log.py", "logs/__init__.py")

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
        "my-python/pyvenv.cfg",
        "node_modules/package.json",
        "tests/test_app.py",
        "microblog.egg-info/PKG-INFO",
    ],
)
def test_excluded_files(folder: Path, tmp_path: Path, path: str) -> None:
    """Secrets, data, virtual environments and logs are not copied."""
    write(folder, "app.py", path)

    Target(folder).copy_to(tmp_path / "copy")

    assert files(tmp_path / "copy") == ["app.py"]


def test_dangling_links(folder: Path, tmp_path: Path) -> None:
    """A dangling link in a target is not copied."""
    (folder / "link").symlink_to(tmp_path / "gone")

    Target(folder).copy_to(tmp_path / "copy")

    assert not (tmp_path / "copy" / "link").is_symlink()


@pytest.mark.parametrize("name", ["MAIL_SERVER", "FLASK_DEBUG", "DATABASE_URL"])
def test_clean_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A target does not inherit variables that configure an application."""
    monkeypatch.setenv(name, "the caller's own")

    assert name not in Target(tmp_path).environment(tmp_path)


def test_scratch_home(tmp_path: Path) -> None:
    """The home of a target is its scratch folder."""
    environment = Target(tmp_path).environment(tmp_path)

    assert (environment["HOME"], environment["TMPDIR"]) == (str(tmp_path),) * 2


def test_environment_of_a_target(tmp_path: Path) -> None:
    """A target's own variables take precedence over the harness's."""
    target = Target(tmp_path, env={"SECRET_KEY": "another", "MODE": "fast"})

    environment = target.environment(tmp_path)

    assert (environment["SECRET_KEY"], environment["MODE"]) == ("another", "fast")


def test_no_migrations(tmp_path: Path) -> None:
    """A target without migrations is reported as not offering them."""
    Target.own().require_migrations()

    with pytest.raises(NotOffered, match="migrations"):
        Target(tmp_path).require_migrations()
