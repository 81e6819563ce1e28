"""What processes know together of the mails they sent."""

import os
from io import FileIO
from pathlib import Path

import pytest

from app.reporting.ledger import Ledger, Window, Windows
from app.reporting.locking import Locker
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.test_disk_full import room_for

WINDOWS = {"ValueError grün:7": Window(1000.25, 3), "other": Window(2000.5)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger is."""
    return tmp_path / "ledger.json"


def keep(windows: Windows) -> None:
    """Enter some windows."""
    windows.update(WINDOWS)


@behaviour("mail.storm")
def test_shared(path: Path) -> None:
    """What one process enters, another reads."""
    Ledger(path).update(keep)

    assert Ledger(path).update(dict) == WINDOWS


def test_rewritten(path: Path) -> None:
    """What a process takes out is gone."""
    Ledger(path).update(keep)
    Ledger(path).update(lambda windows: windows.pop("other"))

    assert set(Ledger(path).update(dict)) == {"ValueError grün:7"}


def test_result(path: Path) -> None:
    """Who changes the ledger gets his own result."""
    assert Ledger(path).update(lambda windows: "done") == "done"


def test_private() -> None:
    """Without a file, a process has its windows to itself."""
    ledger = Ledger()
    ledger.update(keep)

    assert ledger.update(dict) == WINDOWS
    assert Ledger().update(dict) == {}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"a": 1}', '{"a": [1, 2, 3]}', "\x00\x00"],
    ids=["empty", "torn", "list", "number", "numbers", "nul"],
)
def test_damaged(path: Path, text: str) -> None:
    """A ledger that cannot be read is begun anew."""
    path.write_text(text)
    ledger = Ledger(path)

    assert ledger.update(dict) == {}
    ledger.update(keep)
    assert Ledger(path).update(dict) == WINDOWS


@behaviour("log.removed")
def test_no_folder(path: Path) -> None:
    """While the file cannot be opened, a process keeps its windows in memory."""
    ledger = Ledger(path / "not" / "there")
    ledger.update(keep)

    assert ledger.update(dict) == WINDOWS


def test_folder_again(path: Path) -> None:
    """When the file can be opened again, what was kept in memory is entered."""
    ledger = Ledger(path / "ledger.json")
    ledger.update(keep)
    path.mkdir()
    ledger.update(dict)

    assert Ledger(path / "ledger.json").update(dict) == WINDOWS


@behaviour("log.disk-full")
@pytest.mark.parametrize("room", [0, 10], ids=["none", "little"])
def test_disk_full(path: Path, room: int) -> None:
    """On a full disk, a process keeps its windows in memory."""
    ledger = Ledger(path)
    with room_for(room):
        ledger.update(keep)

    assert ledger.update(dict) == WINDOWS


@behaviour("log.locked")
def test_locked(path: Path) -> None:
    """While another holds the file, a process keeps its windows in memory."""
    ledger = Ledger(path, Locker(wait=0))
    with FileIO(path, "a") as held:
        Locker().lock(held.fileno())
        ledger.update(keep)
        assert ledger.update(dict) == WINDOWS
        assert path.read_bytes() == b""

    ledger.update(dict)
    assert Ledger(path).update(dict) == WINDOWS


@behaviour("mail.storm")
def test_fork(path: Path) -> None:
    """A process that is forked while its parent has the file keeps nobody from it."""
    forked: list[int] = []

    class Forking(Locker):
        """Locks a file that a fork has open from then on."""

        def lock(self, descriptor: int) -> None:
            super().lock(descriptor)
            forked.append(os.dup(descriptor))

    Ledger(path, Forking()).update(keep)

    assert Ledger(path, Locker(wait=0)).update(dict) == WINDOWS
    os.close(forked[0])


def test_not_a_file(path: Path) -> None:
    """What is no regular file is no obstacle."""
    path.mkdir()
    ledger = Ledger(path)
    ledger.update(keep)

    assert ledger.update(dict) == WINDOWS


def test_device() -> None:
    """What keeps nothing is read as empty."""
    ledger = Ledger("/dev/null")
    ledger.update(keep)

    assert Ledger("/dev/null").update(dict) == {}
