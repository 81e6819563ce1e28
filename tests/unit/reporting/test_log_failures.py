"""What the log file survives: a disk that refuses, and records that make no text."""

import io
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from app.reporting.rotation import SharedRotatingFileHandler
from tests.harness.logs.files import LogFiles
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Record, Write
from tests.unit.unprivileged import unprivileged


@behaviour("rotation.rename-refused")
def test_rename_refused(
    write: Write, files: LogFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the file cannot be renamed, it grows on, and stderr says so once."""
    (files.directory / "microblog.log.1" / "in the way").mkdir(parents=True)
    for number in range(2, 11):
        (files.directory / f"microblog.log.{number}" / "in the way").mkdir(parents=True)
    for letter in "abc":
        write(letter * 80)

    assert files.current.stat().st_size == 243
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"{files.current}: not rotated: ")


@behaviour("rotation.rename-refused")
def test_rename_possible_again(
    write: Write, files: LogFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the file can be renamed again, it is; a later refusal is told again."""
    blocked = [files.directory / f"microblog.log.{number}" for number in range(1, 11)]
    for folder in blocked:
        (folder / "in the way").mkdir(parents=True)
    write("a" * 80)
    write("b" * 80)
    (blocked[0] / "in the way").rmdir()
    blocked[0].rmdir()
    write("c" * 80)

    assert files.current.read_text() == "c" * 80 + "\n"
    assert blocked[0].read_text() == "a" * 80 + "\n" + "b" * 80 + "\n"

    blocked[0].unlink()
    (blocked[0] / "in the way").mkdir(parents=True)
    write("d" * 80)
    assert len(capsys.readouterr().err.splitlines()) == 2


@behaviour("log.removed")
def test_removed(write: Write, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A log that is removed at run time is made again, and stderr says so each time."""
    for _ in range(2):
        write("before")
        path.unlink()
        path.parent.rmdir()
        write("after")
        assert path.read_text() == "after\n"

    told = f"{path}: removed: a new file is begun\n"
    assert capsys.readouterr().err == 2 * told


@behaviour("log.unwritable")
def test_unwritable(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the file cannot be opened, stderr says so once, and nothing is raised."""
    path.parent.write_text("a file where the folder would be")
    for message in "abc":
        write(message)

    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"{path}: not written: ")


@behaviour("log.unwritable")
def test_read_only(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where one may not write to the folder, stderr says so, until one may."""
    path.parent.mkdir(0o555)
    with unprivileged():
        write("lost")
    path.parent.chmod(0o755)
    write("kept")

    assert path.read_text() == "kept\n"
    [told] = capsys.readouterr().err.splitlines()
    assert "Permission denied" in told


@behaviour("log.unwritable")
def test_writable_again(
    write: Write, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When the file can be opened again, it is; a later failure is told again."""
    for _ in range(2):
        path.parent.write_text("a file where the folder would be")
        write("lost")
        path.parent.unlink()
        write("kept")
        assert path.read_text() == "kept\n"
        path.unlink()
        path.parent.rmdir()

    assert capsys.readouterr().err.count("not written") == 2


@pytest.mark.parametrize("closed", [False, True], ids=["none", "closed"])
def test_no_stderr(write: Write, path: Path, closed: bool) -> None:
    """Without a stderr to complain to, a failure still raises nothing."""
    path.parent.write_text("a file where the folder would be")
    stderr = io.StringIO()
    stderr.close()
    with redirect_stderr(stderr if closed else None):
        write("lost")

    assert path.parent.is_file()


def test_never_raises(
    handler: SharedRotatingFileHandler,
    path: Path,
    record: Record,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A record that makes no text is told on stderr, and not written."""
    handler.handle(record("%d", "no number"))

    assert "--- Logging error ---" in capsys.readouterr().err
    assert not path.exists()
