"""How sites are launched, of targets that do not start."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.launcher import Launcher, mail_settings
from tests.harness.server.service import NotStarted, require_gunicorn
from tests.harness.target.target import ADMINS, Target


class NoStore:
    """Databases that are not there, and where they were asked for."""

    def __init__(self) -> None:
        self.made: list[Path] = []
        self.dropped: list[str] = []

    def new(self, folder: Path) -> str:
        """Note that a database is asked for."""
        self.made.append(folder)
        return f"none:{folder.name}"

    def drop(self, url: str) -> None:
        """Note that a database is given back."""
        self.dropped.append(url)

    def close(self) -> None:
        """Note nothing: a store is not the launcher's to close."""
        self.dropped.append("all")


@pytest.fixture
def store() -> NoStore:
    """A store without databases."""
    return NoStore()


@pytest.fixture
def launcher(tmp_path: Path, store: NoStore) -> Iterator[Launcher]:
    """A launcher of a target in which `flask run` ends at once."""
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "flask.py").write_text("raise SystemExit('no Flask')")
    with closing(Launcher(Target(tmp_path / "original"), store, tmp_path)) as launcher:
        yield launcher


def test_launch_that_fails(launcher: Launcher) -> None:
    """A site that does not start is told with the target's own words."""
    with pytest.raises(NotStarted, match=r"ended with status 1\n(.*\n)*no Flask"):
        launcher.launch().__enter__()


def test_launch_without_gunicorn(tmp_path: Path, store: NoStore) -> None:
    """Where gunicorn is not installed, what needs several processes is not offered."""
    target = Target(tmp_path, python=shutil.which("false") or "")
    with (
        closing(Launcher(target, store, tmp_path)) as launcher,
        pytest.raises(NotOffered, match="gunicorn"),
    ):
        launcher.launch(workers=2).__enter__()


def test_gunicorn_is_there() -> None:
    """Where gunicorn is beside the interpreter, nothing is said of it."""
    require_gunicorn(sys.executable)


def test_nothing_is_left(launcher: Launcher, store: NoStore) -> None:
    """Of a site that ended nothing is left: neither its folder nor its database."""
    with pytest.raises(NotStarted):
        launcher.launch().__enter__()
    launcher.close()
    store.close()

    assert [folder.exists() for folder in store.made] == [False]
    assert store.dropped == ["none:site-1", "all"]


def test_no_way_to_start(launcher: Launcher, store: NoStore) -> None:
    """A target that starts in no way is told so, and is not tried a second time."""
    for _ in range(2):
        with pytest.raises(NotStarted, match="starts in no way"):
            launcher.default()

    assert len(store.made) == 3


def test_mail_settings() -> None:
    """Errors are mailed to two administrators, each one at once."""
    with Mailbox() as mailbox:
        settings = mail_settings(mailbox)

    assert settings["ADMINS"] == ",".join(ADMINS)
    assert settings["MAIL_INTERVAL"] == "0"
