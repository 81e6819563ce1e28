"""SQLite connections, and the file that they have open."""

import logging
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from app import create_app, database
from app.config import ConfigError
from app.database import (
    backup_sqlite,
    check_sqlite_path,
    prepare_sqlite,
    set_up_sqlite,
)
from app.extensions import db
from tests.harness.plugin.behaviour import behaviour
from tests.unit.unprivileged import unprivileged


@behaviour("data.sqlite-workers")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        *(("busy_timeout", 5000), ("journal_mode", "delete")),
        *(("synchronous", 2), ("foreign_keys", 1)),
    ],
)
@pytest.mark.usefixtures("request_context")
def test_pragmas(pragma: str, value: object) -> None:
    """Each connection waits for locks, keeps one file and checks foreign keys."""
    assert db.session.scalar(text(f"PRAGMA {pragma}")) == value


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database file with one table and one row."""
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'first' AS body")
        connection.commit()
    return path


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    """An engine on that file, with one pooled connection."""
    engine = create_engine(f"sqlite:///{path}", pool_size=1, max_overflow=0)
    prepare_sqlite(engine)
    yield engine
    engine.dispose()


def notes(engine: Engine) -> list[str]:
    """Return the rows, over a pooled connection."""
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT body FROM note ORDER BY rowid")))


def add_note(engine: Engine, body: str) -> None:
    """Add a row, over a pooled connection."""
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note VALUES (:body)"), {"body": body})


@behaviour("data.sqlite-file")
def test_connecting_creates_no_file(engine: Engine, path: Path) -> None:
    """Connecting to a missing file fails and does not create it."""
    path.unlink()

    with pytest.raises(OperationalError, match="unable to open database file"):
        notes(engine)

    assert not path.exists()


@behaviour("data.sqlite-file")
def test_replaced_file_is_noticed(
    engine: Engine, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After a rename over the file, a pooled connection reads the new file."""
    backup_sqlite(engine, path.with_name("backup.db"))
    add_note(engine, "second")
    path.with_name("backup.db").replace(path)
    caplog.set_level(logging.INFO, "sqlalchemy.pool")

    assert notes(engine) == ["first"]
    assert f"{path} is another file now" in caplog.text


@behaviour("data.sqlite-workers")
def test_short_timeout_ends_with_the_checkout(engine: Engine) -> None:
    """The next user of a connection with a short timeout waits for locks again."""
    found = []
    for shorten in (True, False):
        with engine.connect() as connection:
            if shorten:
                database.set_short_lock_timeout(connection)
            found.append(connection.scalar(text("PRAGMA busy_timeout")))

    assert found == [100, 5000]


@behaviour("data.sqlite-file")
def test_replaced_while_in_use(engine: Engine, path: Path) -> None:
    """A file that is replaced while a connection is in use is noticed afterwards."""
    backup_sqlite(engine, path.with_name("backup.db"))
    add_note(engine, "second")
    with engine.connect() as connection:
        connection.execute(text("SELECT body FROM note"))
        path.with_name("backup.db").replace(path)

    assert notes(engine) == ["first"]


@behaviour("data.sqlite-file")
def test_moved_away_while_in_use(engine: Engine, path: Path) -> None:
    """A file that is moved away while a connection is in use is missed afterwards."""
    with engine.connect() as connection:
        connection.execute(text("SELECT body FROM note"))
        path.rename(path.with_name("moved.db"))

    with pytest.raises(OperationalError, match="unable to open database file"):
        notes(engine)


@behaviour("data.sqlite-file")
def test_replaced_while_connecting(engine: Engine, path: Path) -> None:
    """A file that is replaced just after it was opened is noticed by the next user."""
    other = path.with_name("other.db")
    backup_sqlite(engine, other)
    add_note(engine, "second")
    engine.dispose()

    @event.listens_for(engine, "connect", insert=True)
    def replace(*_: object) -> None:
        if other.exists():
            other.replace(path)

    assert notes(engine) == ["first"]


@behaviour("data.sqlite-file")
def test_replaced_during_a_transaction(engine: Engine, path: Path) -> None:
    """A journal of a transaction on the earlier file is not applied to the new one.

    SQLite would take it for that of a crashed transaction on the file of this name.
    """
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO note SELECT hex(randomblob(60000))"))
    backup_sqlite(engine, backup := path.with_name("backup.db"))
    with closing(sqlite3.connect(backup)) as restored:
        restored.execute("UPDATE note SET body = body || '.'")
        restored.commit()
        expected = [body for (body,) in restored.execute("SELECT body FROM note")]
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA cache_size = 1")  # so that it writes before its commit
        writer.execute("UPDATE note SET body = hex(randomblob(60000))")
        backup.replace(path)
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(notes, engine)
            with pytest.raises(TimeoutError):
                found.result(0.1)
            writer.rollback()

            assert found.result(10) == expected


@behaviour("data.sqlite-file")
def test_journal_of_a_crash(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that a crash has left is applied, after a while to a replaced file."""
    monkeypatch.setattr(database, "LONGEST_TRANSACTION", 0.05)
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("INSERT INTO note SELECT hex(randomblob(60000))")
        shutil.copyfile(f"{path}-journal", f"{copy}-journal")
        shutil.copyfile(path, copy)
        writer.rollback()
    assert notes(engine) == ["first"]
    Path(f"{copy}-journal").replace(f"{path}-journal")
    copy.replace(path)

    assert notes(engine) == ["first"]


@behaviour("data.sqlite-file")
def test_journal_of_a_crash_before_the_start(path: Path) -> None:
    """A journal that a crash has left is applied by the next start without a wait."""
    crashed = path.with_name("crashed.db")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("INSERT INTO note SELECT hex(randomblob(60000))")
        shutil.copyfile(f"{path}-journal", f"{crashed}-journal")
        shutil.copyfile(path, crashed)
        writer.rollback()
    engine = create_engine(f"sqlite:///{crashed}")
    prepare_sqlite(engine)
    begun = time.monotonic()

    assert notes(engine) == ["first"]
    assert time.monotonic() - begun < 2
    engine.dispose()


@behaviour("data.sqlite-file")
@pytest.mark.parametrize(("other", "end"), [("-journal", 105), ("-wal", 100)])
def test_wait_for_a_transaction(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, other: str, end: int
) -> None:
    """The wait is for a journal, and as long as that for a lock."""
    clock = [100.0]
    (tmp_path / f"app.db{other}").touch()
    fake = SimpleNamespace(
        monotonic=lambda: clock[0],
        sleep=lambda seconds: clock.append(clock.pop() + seconds),
    )
    monkeypatch.setattr(database, "time", fake)

    database.wait_for_transaction(str(tmp_path / "app.db"))

    assert clock == [pytest.approx(end, abs=0.01)]


@behaviour("data.sqlite-workers")
def test_connecting_to_a_locked_file(engine: Engine, path: Path) -> None:
    """Only statements wait for a lock: connecting as well would double the wait."""
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()

        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA busy_timeout")) == 5000
        assert time.monotonic() - begun < 2


@behaviour("data.sqlite-workers")
def test_connection_in_another_thread(engine: Engine) -> None:
    """A pooled connection serves the requests of all threads."""
    with ThreadPoolExecutor(1) as pool:
        assert notes(engine) == pool.submit(notes, engine).result() == ["first"]


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_database_as_uri(path: Path, mode: str) -> None:
    """SQLite opens the file that a URI names, in its mode."""
    engine = create_engine(f"sqlite:///file:{path}?mode={mode}&uri=true")
    prepare_sqlite(engine)

    assert notes(engine) == ["first"]
    if mode == "ro":
        with pytest.raises(OperationalError, match="readonly database"):
            add_note(engine, "second")
    engine.dispose()


@behaviour("data.sqlite-file")
def test_symbolic_link_is_followed_again(engine: Engine, path: Path) -> None:
    """A symbolic link that changes its target is followed again."""
    assert notes(engine) == ["first"]
    other = path.with_name("other.db")
    backup_sqlite(engine, other)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("UPDATE note SET body = 'other'")
        connection.commit()
    path.unlink()
    path.symlink_to(other)

    assert notes(engine) == ["other"]


@behaviour("data.sqlite-file")
def test_restored_in_place_with_as_many_changes(engine: Engine, path: Path) -> None:
    """Pages cached from a file that was overwritten in place are not used again.

    By its change counter SQLite takes the restored file for the one that it knows.
    """
    copy = path.read_bytes()
    add_note(engine, "lost")
    os.utime(path, ns=(0, 0))  # the clock of file times may not tick in a fast test
    path.write_bytes(copy)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO note VALUES ('kept')")
        connection.commit()

    assert notes(engine) == ["first", "kept"]


@behaviour("data.sqlite-file")
def test_restored_in_place_while_in_use(engine: Engine, path: Path) -> None:
    """A restore in place while a connection is in use leaves it no cached page."""
    copy = path.read_bytes()
    add_note(engine, "lost")
    with engine.connect() as connection:
        connection.execute(text("SELECT body FROM note")).all()
        path.write_bytes(copy)
        with closing(sqlite3.connect(path)) as operator:
            operator.execute("INSERT INTO note VALUES ('kept')")
            operator.commit()

    assert notes(engine) == ["first", "kept"]


@behaviour("data.sqlite-file")
def test_write_ahead_log_is_converted(engine: Engine, path: Path) -> None:
    """A file with a write-ahead log is converted without loss."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO note VALUES ('second')")
        connection.commit()

    assert notes(engine) == ["first", "second"]
    assert not path.with_name("app.db-wal").exists()


@behaviour("data.sqlite-file")
def test_write_ahead_log_in_use(engine: Engine, path: Path) -> None:
    """A file with a write-ahead log that another program uses is served at once."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM note").fetchall()
        begun = time.monotonic()

        assert notes(engine) == ["first"]
        assert time.monotonic() - begun < 2


@behaviour("data.sqlite-backup")
def test_backup_is_consistent(engine: Engine, path: Path) -> None:
    """A backup has the committed data and nothing of an open transaction."""
    backup = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO note VALUES ('open')")
        backup_sqlite(engine, backup)

    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT body FROM note").fetchall() == [("first",)]


@behaviour("data.sqlite-backup")
def test_backup_is_private_and_new(engine: Engine, path: Path) -> None:
    """Only its owner can read a backup, and no file is overwritten."""
    backup = path.with_name("backup.db")
    backup_sqlite(engine, backup)
    kept = backup.read_bytes()
    add_note(engine, "second")

    with pytest.raises(FileExistsError):
        backup_sqlite(engine, backup)

    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert backup.read_bytes() == kept


@behaviour("data.sqlite-backup")
def test_failed_backup_leaves_nothing(engine: Engine, path: Path) -> None:
    """A failed backup leaves no file."""
    path.write_bytes(path.read_bytes()[:100] + b"\0" * 5000)

    with pytest.raises(sqlite3.DatabaseError):
        backup_sqlite(engine, path.with_name("backup.db"))

    assert [file.name for file in path.parent.iterdir()] == ["app.db"]


@behaviour("data.sqlite-backup")
def test_backup_that_breaks_off(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup that cannot be written to its end leaves no file."""

    def connect(_path: Path) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    assert notes(engine) == ["first"]
    with monkeypatch.context() as patch:  # coverage connects to SQLite, too
        patch.setattr("app.database.sqlite3.connect", connect)
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            backup_sqlite(engine, path.with_name("backup.db"))

    assert [file.name for file in path.parent.iterdir()] == ["app.db"]


@behaviour("config.bad-value")
@pytest.mark.parametrize(
    "name",
    ["no/such/x.db", ".", "file/x.db"],
    ids=["no-folder", "folder", "file-as-folder"],
)
def test_path_of_no_file(tmp_path: Path, name: str) -> None:
    """A path where no file can be created stops the start with one line."""
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path / name}"

    with pytest.raises(ConfigError, match=r"^DATABASE_URL: [^\n]* in a folder that"):
        create_app({"SECRET_KEY": "a key", "SQLALCHEMY_DATABASE_URI": url})


@behaviour("config.bad-value")
def test_file_of_another_kind(tmp_path: Path) -> None:
    """A file that is not a database stops the start with one line."""
    path = tmp_path / "app.db"
    path.write_text("not at all")

    with pytest.raises(
        ConfigError, match=r"^DATABASE_URL: [^\n]* is not a SQLite database$"
    ):
        create_app(
            {"SECRET_KEY": "a key", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"}
        )

    assert path.read_text() == "not at all"


@pytest.mark.parametrize("name", ["app.db", "empty.db", "new.db"])
def test_usable_path(path: Path, name: str) -> None:
    """A database, an empty file and a missing one in a folder are accepted."""
    path.with_name("empty.db").touch()

    check_sqlite_path(make_url(f"sqlite:///{path.with_name(name)}"))


@behaviour("config.bad-value")
def test_file_that_may_not_be_read(tmp_path: Path) -> None:
    """An unreadable file stops the start with one line."""
    path = tmp_path / "app.db"
    path.write_text("not ours")
    path.chmod(0)
    url = f"sqlite:///{path}"

    with (
        unprivileged(),
        pytest.raises(ConfigError, match=r"^DATABASE_URL: [^\n]*: Permission denied$"),
    ):
        check_sqlite_path(make_url(url))


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///file:/no/such/x.db?uri=true"], ids=["memory", "uri"]
)
def test_database_without_a_path(tmp_path: Path, url: str) -> None:
    """A database in memory needs no folder, and a URI is left to SQLite."""
    app = create_app(
        {
            "SECRET_KEY": "a key",
            "SQLALCHEMY_DATABASE_URI": url,
            "LOG_DIR": tmp_path / "logs",
        }
    )

    assert app.config["SQLALCHEMY_DATABASE_URI"] == url


def test_database_in_memory() -> None:
    """A database in memory is used without checks of its file."""
    engine = create_engine("sqlite://")
    prepare_sqlite(engine)

    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    engine.dispose()


def test_other_databases_are_left_alone(app: Flask) -> None:
    """An engine of another database gets none of SQLite's statements."""
    postgres = create_app(
        {
            "SECRET_KEY": "a key for tests",
            "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://nowhere.invalid/x",
            "LOG_DIR": app.config["LOG_DIR"],
        }
    )

    with postgres.app_context():
        assert not event.contains(db.engine, "connect", set_up_sqlite)


@behaviour("config.bad-value")
def test_instance_folder_that_cannot_be_made(
    tmp_path: Path,
) -> None:
    """Without DATABASE_URL, a folder that cannot be created stops the start."""
    (tmp_path / "instance").touch()
    app = Flask("own", instance_path=str(tmp_path / "instance"))
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///app.db"

    with pytest.raises(ConfigError) as caught:
        database.init_app(app)

    assert str(caught.value) == (
        f"DATABASE_URL: {tmp_path}/instance cannot be created: File exists"
    )
