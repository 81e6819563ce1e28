"""The log directory of a site, read as a list of records."""

from pathlib import Path

import pytest

from tests.harness.logs.files import LogFiles
from tests.harness.waiting import DeadlineExceeded
from tests.unit.harness.logs.lines import line


@pytest.fixture
def log(tmp_path: Path) -> LogFiles:
    """The log files in an empty folder."""
    return LogFiles(tmp_path)


def test_files(log: LogFiles) -> None:
    """The files are read from the oldest backup to the current one, by number."""
    for name in ("", ".2", ".10", ".1", ".lock"):
        (log.directory / f"microblog.log{name}").write_text(name, encoding="utf-8")

    assert [path.suffix for path in log.files] == [".10", ".2", ".1", ".log"]
    assert [path.suffix for path in log.backups] == [".1", ".2", ".10"]


def test_sizes(log: LogFiles) -> None:
    """Sizes are counted in bytes."""
    log.current.write_text("é", encoding="utf-8")

    assert log.sizes == {"microblog.log": 2}


def test_nothing_written(log: LogFiles) -> None:
    """A log that is not there has no files, no text and no records."""
    log.forget()

    assert (log.files, log.text, log.records()) == ([], "", [])


def test_any_bytes(log: LogFiles) -> None:
    """Bytes that are not UTF-8 are shown as escapes."""
    log.current.write_bytes(b"caf\xe9")

    assert log.text == r"caf\xe9"


def test_forgotten(log: LogFiles) -> None:
    """What was there when it was forgotten is not read again."""
    log.current.write_text(line("old"), encoding="utf-8")
    log.forget()
    with log.current.open("a", encoding="utf-8") as file:
        file.write(line("new"))

    assert [one.message for one in log.records()] == ["new"]


def test_forgotten_before_a_rollover(log: LogFiles) -> None:
    """What was forgotten stays so when its file becomes a backup."""
    log.current.write_text(line("old"), encoding="utf-8")
    log.forget()
    with log.current.open("a", encoding="utf-8") as file:
        file.write(line("new"))
    log.current.rename(log.directory / "microblog.log.1")
    log.current.write_text(line("newest"), encoding="utf-8")

    assert [one.message for one in log.records()] == ["new", "newest"]


def test_forgotten_file_is_gone(log: LogFiles) -> None:
    """When the marked file is gone, all that is there is new."""
    log.current.write_text(line("old"), encoding="utf-8")
    log.forget()
    (log.directory / "microblog.log.1").write_text(line("new"), encoding="utf-8")
    log.current.unlink()

    assert [one.message for one in log.records()] == ["new"]


def test_forgotten_file_is_written_anew(log: LogFiles) -> None:
    """A file of other contents is new, even in the place of the marked one."""
    log.current.write_text(line("old"), encoding="utf-8")
    log.forget()
    log.current.write_text(line("new"), encoding="utf-8")  # truncates: the same inode

    assert [one.message for one in log.records()] == ["new"]


def test_wait_for_a_message(log: LogFiles) -> None:
    """A record is waited for by a part of its message."""
    log.current.write_text(line("one") + line("two"), encoding="utf-8")

    assert log.wait_for("w").message == "two"


def test_wait_for_a_predicate(log: LogFiles) -> None:
    """A record is waited for by whatever it has to fulfil."""
    log.current.write_text(line("one") + line("two", "ERROR"), encoding="utf-8")

    assert log.wait_for(lambda record: record.level == "ERROR").message == "two"


def test_wait_for_a_record_in_vain(log: LogFiles) -> None:
    """A record that does not come in time is told with the end of the log."""
    log.current.write_text(line("one"), encoding="utf-8")

    with pytest.raises(
        DeadlineExceeded, match=r"'two' did not come within 0 s\n.*\n.*one"
    ):
        log.wait_for("two", within=0)


def test_patience(log: LogFiles) -> None:
    """How long a record is waited for is the log's own if nothing else is asked."""
    log.timeout = 0

    with pytest.raises(DeadlineExceeded, match="within 0 s"):
        log.wait_for("never")


def test_device_is_no_log(tmp_path: Path) -> None:
    """A device in place of the log, which may have no end, is not read."""
    files = LogFiles(tmp_path)
    files.current.symlink_to("/dev/zero")

    files.forget()

    assert (files.files, files.text) == ([], "")
