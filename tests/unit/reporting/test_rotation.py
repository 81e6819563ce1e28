"""The thresholds of the log file."""

import logging
import os
from pathlib import Path

import pytest

from app.reporting.rotation import SharedRotatingFileHandler
from tests.harness.logs.files import LogFiles
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import LIMIT, Record, Write


@behaviour("log.directory-made")
def test_nothing_before_the_first_record(
    handler: SharedRotatingFileHandler, path: Path
) -> None:
    """File and folder are made by the first record, not before."""
    assert not path.parent.exists()

    handler.handle(logging.makeLogRecord({"msg": "x"}))

    assert path.read_text() == "x\n"


@behaviour("rotation.threshold")
@pytest.mark.parametrize(
    ("length", "sizes"),
    [
        (LIMIT - 2, {"microblog.log": LIMIT - 1}),
        (LIMIT - 1, {"microblog.log.1": 50, "microblog.log": 50}),
        (LIMIT, {"microblog.log.1": 50, "microblog.log": 51}),
    ],
    ids=["below", "at", "above"],
)
def test_threshold(
    write: Write, files: LogFiles, length: int, sizes: dict[str, int]
) -> None:
    """A record that would bring the file to the limit goes to a new one."""
    write("a" * 49)
    write("b" * (length - 50))

    assert files.sizes == sizes


@behaviour("rotation.bytes")
@pytest.mark.parametrize(
    ("letter", "size"), [("ä", 2), ("☃", 3), ("𝔘", 4)], ids=["two", "three", "four"]
)
def test_bytes(write: Write, files: LogFiles, letter: str, size: int) -> None:
    """The limit counts bytes, not characters."""
    write("a" * 49)
    write(letter * (-(-49 // size)))

    assert len(files.sizes) == 2


@behaviour("rotation.oversized-record")
def test_oversized(write: Write, files: LogFiles) -> None:
    """A record over the limit is written whole, to a file of its own."""
    for message in ("a", "b" * 300, "c"):
        write(message)

    assert list(files.sizes.values()) == [2, 301, 2]


@behaviour("rotation.no-empty-backup")
def test_oversized_first(write: Write, files: LogFiles) -> None:
    """A first record over the limit leaves no empty backup behind."""
    write("a" * 300)

    assert files.sizes == {"microblog.log": 301}


@behaviour("rotation.ten-backups")
@behaviour("rotation.oldest-goes")
def test_ten_backups(write: Write, files: LogFiles) -> None:
    """Ten backups are kept, and the oldest goes."""
    for number in range(20):
        write(f"{number:0>80}")

    assert [int(path.read_text()) for path in files.files] == list(range(9, 20))
    assert list(files.sizes) == [
        *(f"microblog.log.{number}" for number in range(10, 0, -1)),
        "microblog.log",
    ]


@behaviour("rotation.restart-continues")
def test_restart(
    write: Write, handler: SharedRotatingFileHandler, path: Path, record: Record
) -> None:
    """A handler made later goes on with the same file."""
    write("before")
    handler.close()
    after = SharedRotatingFileHandler(path, LIMIT, 10)
    after.handle(record("after"))
    after.close()

    assert path.read_text() == "before\nafter\n"


def test_again_after_close(
    write: Write, handler: SharedRotatingFileHandler, path: Path
) -> None:
    """A handler that was closed opens the file again."""
    write("before")
    handler.close()
    write("after")

    assert path.read_text() == "before\nafter\n"


@behaviour("rotation.many-processes")
def test_two_handlers(
    write: Write, path: Path, files: LogFiles, record: Record
) -> None:
    """Two that write one log follow each other's rotations."""
    other = SharedRotatingFileHandler(path, LIMIT, 10)
    for number in range(6):
        write(f"{number}a" + "." * 45)
        other.handle(record(f"{number}b" + "." * 45))

    other.close()

    written = [line[:2] for line in files.text.splitlines()]
    assert written == [f"{number}{letter}" for number in range(6) for letter in "ab"]
    assert set(files.sizes.values()) == {96}


@behaviour("rotation.killed")
@pytest.mark.parametrize("gap", range(1, 11))
def test_gap(write: Write, files: LogFiles, gap: int) -> None:
    """A rotation that was cut off is completed by the next one; no backup is lost."""
    for number in range(11):
        write(f"{number:0>80}")
    os.rename(files.current.with_suffix(f".log.{gap}"), files.directory / "saved")
    before = files.text
    write("x" * 80)

    assert files.text == f"{before}{'x' * 80}\n"
    assert len(files.backups) == 10


def test_not_a_file(write: Write, path: Path, files: LogFiles) -> None:
    """What is no regular file, such as a link to a device, is never rotated."""
    path.parent.mkdir()
    path.symlink_to(os.devnull)
    for _ in range(5):
        write("a" * 80)

    assert files.backups == []


@behaviour("log.utf8")
def test_utf8(write: Write, path: Path) -> None:
    """The file is in UTF-8; what that cannot hold stands as an escape."""
    write("grün ☃ \ud800")

    assert path.read_bytes() == "grün ☃ \\ud800\n".encode()


def test_opened_for_each_record(path: Path, files: LogFiles, record: Record) -> None:
    """Where no open file can be renamed, as on Windows, none is kept open."""
    handler = SharedRotatingFileHandler(path, LIMIT, 10, keeps_open=False)
    for number in range(12):
        handler.handle(record(f"{number:0>80}"))

    assert [int(path.read_text()) for path in files.files] == list(range(1, 12))
