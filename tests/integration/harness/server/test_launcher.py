"""Launching targets that do not start."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.harness.capabilities import NotOffered, require_gunicorn
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted
from tests.harness.target.target import Target


class FakeStore:
    """A store that makes no databases, but records the calls."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.dropped: list[str] = []

    def new(self, folder: Path) -> str:
        """Record the folder of a site."""
        self.folders.append(folder)
        return f"none:{folder.name}"

    def drop(self, url: str) -> None:
        """Record the URL."""
        self.dropped.append(url)

    def close(self) -> None:
        """Fail, as a launcher does not own its store."""
        raise AssertionError("closed by the launcher")  # pragma: no cover


@pytest.fixture
def store() -> FakeStore:
    """A store without databases."""
    return FakeStore()


@pytest.fixture
def launcher(tmp_path: Path, store: FakeStore) -> Iterator[Launcher]:
    """A launcher of a target in which `flask run` ends at once."""
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "flask.py").write_text("raise SystemExit('no Flask')")
    with closing(Launcher(Target(tmp_path / "original"), store, tmp_path)) as launcher:
        yield launcher


def test_no_gunicorn(tmp_path: Path, store: FakeStore) -> None:
    """A target without gunicorn offers no site of several processes."""
    require_gunicorn(sys.executable)

    target = Target(tmp_path, python=shutil.which("false") or "")
    with (
        closing(Launcher(target, store, tmp_path)) as launcher,
        pytest.raises(NotOffered, match="gunicorn"),
    ):
        launcher.launch(workers=2).__enter__()


def test_nothing_is_left(launcher: Launcher, store: FakeStore) -> None:
    """The folder and the database of a site that failed to start are removed."""
    with pytest.raises(NotStarted, match=r"ended with status 1\n(.*\n)*no Flask"):
        launcher.launch().__enter__()
    launcher.close()

    assert [folder.exists() for folder in store.folders] == [False]
    assert store.dropped == ["none:site-1"]


def test_no_way_to_start(launcher: Launcher, store: FakeStore) -> None:
    """A target that starts in no configuration is not started a second time."""
    for _ in range(2):
        with pytest.raises(NotStarted, match="starts in no way"):
            launcher.default()

    assert len(store.folders) == 3
