"""The log directory of a site, read as a list of records."""

from pathlib import Path

import pytest

from tests.harness.logs.files import LogFiles
from tests.harness.waiting import DeadlineExceeded


@pytest.fixture
def log(tmp_path: Path) -> LogFiles:
    """The log files in an empty folder."""
    return LogFiles(tmp_path)


def line(message: str) -> str:
    """Return a log line in the chapter's format."""
    return f"2026-11-22 10:00:00,123 INFO: {message} [in /app/x.py:1]\n"


def append(log: LogFiles, message: str) -> None:
    """Append a record to the current file."""
    with log.current.open("a", encoding="utf-8") as file:
        file.write(line(message))


def messages(log: LogFiles) -> list[str]:
    """Return the messages of the records."""
    return [record.message for record in log.records()]


def test_order_of_files(log: LogFiles) -> None:
    """The files are read from the oldest backup to the current file, by number."""
    for name in ("", ".2", ".10", ".1", ".lock"):
        (log.directory / f"microblog.log{name}").write_text(name, encoding="utf-8")

    assert [path.suffix for path in log.files] == [".10", ".2", ".1", ".log"]
    assert [path.suffix for path in log.backups] == [".1", ".2", ".10"]


def test_missing_log(log: LogFiles) -> None:
    """A log that does not exist has no files, no text and no records."""
    log.forget()

    assert (log.files, log.text, log.records()) == ([], "", [])


def test_undecodable_log(log: LogFiles) -> None:
    """Bytes that are not UTF-8 are shown as escapes."""
    log.current.write_bytes(b"caf\xe9")

    assert log.text == r"caf\xe9"


def test_forgotten_records_in_a_backup(log: LogFiles) -> None:
    """Forgotten records remain forgotten after a rollover."""
    append(log, "old")
    log.forget()
    append(log, "new")
    log.current.rename(log.directory / "microblog.log.1")
    append(log, "newest")

    assert messages(log) == ["new", "newest"]


def test_forgotten_file_is_deleted(log: LogFiles) -> None:
    """All records are new if the file with the forgotten ones has been deleted."""
    append(log, "old")
    log.forget()
    log.current.rename(log.directory / "deleted")
    append(log, "new")

    assert messages(log) == ["new"]


def test_forgotten_file_is_overwritten(log: LogFiles) -> None:
    """All records are new in a file with the inode of the forgotten ones."""
    append(log, "old")
    log.forget()
    log.current.write_text(line("new"), encoding="utf-8")

    assert messages(log) == ["new"]


def test_record_that_does_not_come(log: LogFiles) -> None:
    """If no record comes by the deadline, the failure shows the end of the log."""
    append(log, "one")

    with pytest.raises(
        DeadlineExceeded, match=r"'two' did not come within 0 s\n.*\n.*one"
    ):
        log.wait_for("two", within=0)


def test_timeout_of_a_log(log: LogFiles) -> None:
    """The default deadline is that of the log."""
    log.timeout = 0

    with pytest.raises(DeadlineExceeded, match="within 0 s"):
        log.wait_for("never")


def test_device_as_log(tmp_path: Path) -> None:
    """A device in place of the log file is not read, as it may have no end."""
    files = LogFiles(tmp_path)
    files.current.symlink_to("/dev/zero")

    files.forget()

    assert (files.files, files.text) == ([], "")
