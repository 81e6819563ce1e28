"""One SQLite file that other programs write to. Not with ``--postgres``."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.harness.database.stores import moved_away
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.probe.barrier import interleaved
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand, run
from tests.harness.target.workplace import Workplace
from tests.integration.database_loss import LOST, UNEXPECTED, USUAL, answers


@pytest.fixture
def writer(site: Site) -> Iterator[sqlite3.Connection]:
    """Another program with an open write transaction."""
    site.users.set_last_seen("2000-01-01 00:00:00")
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@behaviour("data.sqlite-workers")
@pytest.mark.parametrize("path", ["/", "/user/john", "/edit_profile", "/nope"])
def test_readers_pass_a_writer(
    susan: Visitor, writer: sqlite3.Connection, path: str
) -> None:
    """Pages are served while another program writes, even if last-seen is old."""
    assert susan.open(path, timeout=4).status in {200, 404}
    assert writer.in_transaction


@behaviour("data.sqlite-workers")
def test_writers_queue(site: Site, susan: Visitor, writer: sqlite3.Connection) -> None:
    """A request that writes waits for another program's write transaction."""
    form = susan.form(susan.home(), "text")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(susan.submit, form, text="in its turn")
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        writer.execute("COMMIT")

        assert waiting.result(10).status == 200
    assert site.probe.rows("SELECT body FROM post") == [["in its turn"]]


@behaviour("data.sqlite-workers")
def test_writer_between_read_and_write(site: Site, susan: Visitor) -> None:
    """A request can write even if another program wrote after it read."""
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")

    def write_meanwhile() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE \"user\" SET about_me = 'meanwhile'")

    rename = partial(susan.edit_profile, username="susanna")
    page = interleaved(site, rename, "SET username", write_meanwhile)

    assert (page.status, page.errors("Username")) == (200, [])
    assert site.users.names == ["susanna", "john"]


@behaviour("data.sqlite-workers")
def test_file_in_rollback_journal_mode(site: Site, susan: Visitor) -> None:
    """A file that another program is reading can be served."""
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
    site.users.set_last_seen("2000-01-01 00:00:00")  # it waits for a reader as well
    site.stop()
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode = DELETE")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM user").fetchall()
        site.start()

        page = susan.open("/", timeout=4)

        assert (page.status, page.signed_in) == (200, True)


@behaviour("data.sqlite-workers")
def test_first_connection_to_a_file_in_use(site: Site, susan: Visitor) -> None:
    """The first connection waits for a program with an exclusive lock."""
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
    site.stop()
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        site.start()
        waiting = pool.submit(susan.home)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        other.execute("COMMIT")
        page = waiting.result(10)

    assert (page.status, page.signed_in) == (200, True)


@behaviour("data.migrations")
def test_migration_that_failed_is_run_again(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A migration that fails halfway changes nothing and can be repeated."""
    flask("db", "downgrade", "0001")
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO user (username, email, password_hash, last_seen) "
            "VALUES ('susan', 'a', '!', '2020-01-01 00:00:00')"
        )
        before = list(connection.iterdump())
        connection.execute(
            "CREATE TRIGGER refusing BEFORE UPDATE ON user "
            "BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
        failed = flask("db", "upgrade")
        connection.execute("DROP TRIGGER refusing")
        after = list(connection.iterdump())

    done = flask("db", "upgrade")

    assert failed.status != 0
    assert "not now" in failed.output
    assert after == before
    assert done.status == 0, done.output


@pytest.mark.slow  # the busy timeout is 5 s
@behaviour("data.migrations")
def test_migration_of_a_file_in_use(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A migration that cannot get the write lock ends with one line that says so."""
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        ended = flask("db", "downgrade", "0001")

    assert ended.status != 0
    assert ended.last_line == "DATABASE_URL: database is locked"
    assert "Traceback" not in ended.output


#: Runs `flask db upgrade`, which may write 2,000 bytes to each file.
LIMITED = """
import resource, runpy, sys
unlimited = resource.RLIM_INFINITY
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, unlimited))
sys.argv = ["flask", "db", "upgrade"]
try:
    runpy.run_module("flask", run_name="__main__")
finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
"""


@behaviour("data.migrations")
@pytest.mark.parametrize("exists", [False, True], ids=["new", "existing"])
def test_migration_on_a_full_disk(
    workplace: Workplace, database_url: str, exists: bool
) -> None:
    """A migration on a full disk ends with one line, and leaves no empty file."""
    path = Path(database_url.removeprefix("sqlite:///"))
    path.unlink()
    if exists:
        path.touch()
    (workplace.code / "limited.py").write_text(LIMITED)

    ended = run(workplace, "limited", env={"DATABASE_URL": database_url})

    assert ended.status != 0
    assert ended.last_line.startswith("DATABASE_URL: ")
    assert "Traceback" not in ended.output
    assert path.exists() is exists


@behaviour("data.migrations")
def test_migration_where_no_file_can_be(
    flask: Callable[..., CompletedCommand],
) -> None:
    """A migration that cannot create its file ends with one line."""
    ended = flask("db", "upgrade", env={"DATABASE_URL": "sqlite:////proc/app.db"})

    assert ended.status != 0
    assert ended.last_line.startswith("DATABASE_URL: ")
    assert "Traceback" not in ended.output


@behaviour("data.migrations")
def test_only_the_owner_reads_a_new_database(
    flask: Callable[..., CompletedCommand], database_url: str, tmp_path: Path
) -> None:
    """A new database and a backup are readable and writable by their owner alone."""
    path = Path(database_url.removeprefix("sqlite:///"))
    path.unlink()

    flask("db", "upgrade")
    flask("backup", str(tmp_path / "backup.db"))

    modes = [one.stat().st_mode & 0o777 for one in (path, tmp_path / "backup.db")]
    assert modes == [0o600, 0o600]


@behaviour("data.migrations")
def test_migration_of_something_else(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A migration that meets another program's table reports where it failed."""
    flask("db", "downgrade", "base")
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE post (letter TEXT)")

    ended = flask("db", "upgrade")

    assert ended.status != 0
    assert "Traceback" in ended.output
    assert "table post already exists" in ended.output


@behaviour("data.migrations")
def test_reading_command_waits_for_nobody(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A command that only reads the schema does not wait for another writer."""
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        looked = flask("db", "check")

    assert looked.status == 0, looked.output


#: A program that migrates its own database and then uses it.
USES = """
import flask_migrate
from harness_probe import app
from sqlalchemy import text

with app.app_context():
    flask_migrate.upgrade()
    session = app.extensions["sqlalchemy"].session
    enforced = session.scalar(text("PRAGMA foreign_keys"))
    users = session.scalar(text("SELECT count(*) FROM user"))
    print(f"enforced: {enforced}, users: {users}")
"""


@behaviour("data.migrations")
@pytest.mark.parametrize("memory", [False, True], ids=["file", "memory"])
def test_references_after_a_migration(
    workplace: Workplace, database_url: str, memory: bool
) -> None:
    """After an in-process migration connections check foreign keys."""
    (workplace.code / "uses.py").write_text(USES)
    url = "sqlite://" if memory else database_url

    finished = run(workplace, "uses", env={"DATABASE_URL": url})

    assert finished.last_line == "enforced: 1, users: 0", finished.output


@behaviour("data.lengths")
def test_long_text_stops_the_migration(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A stored text that is too long stops the migration, which names its row."""
    flask("db", "downgrade", "0002")
    path = database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO user "
            "(id, username, username_key, email, password_hash, last_seen, about_me) "
            "VALUES (7, 'a', 'a', 'a', '!', '2020-01-01 00:00:00', ?)",
            ["x" * 141],
        )

    stopped = flask("db", "upgrade")

    assert stopped.status != 0
    assert stopped.last_line.endswith("about_me of user 7")
    assert "Traceback" not in stopped.output


@behaviour("edit-profile.race")
def test_loser_waits_for_the_winner(
    site: Site, susan: Visitor, writer: sqlite3.Connection
) -> None:
    """A name that another program takes first gets the form's message."""
    writer.execute(
        "UPDATE \"user\" SET username = 'wanted', username_key = 'wanted' "
        "WHERE username = 'john'"
    )

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(susan.edit_profile, username="wanted")
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        writer.execute("COMMIT")
        page = waiting.result(10)

    assert page.errors("Username") == ["Please use a different username."]
    assert site.mails() == []


@pytest.mark.slow  # the busy timeout is 5 s
@behaviour("errors.page-without-database")
def test_locked_for_too_long(
    site: Site, susan: Visitor, writer: sqlite3.Connection
) -> None:
    """A request that waits too long for a writer gets the error page."""
    form = susan.form(susan.home(), "text")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(susan.submit, form, text="too early")
        meanwhile = answers(site, susan.copy(), timeout=4)
        assert not waiting.done()
        page = waiting.result(15)
    assert writer.in_transaction
    writer.execute("ROLLBACK")

    assert (page.status, page.heading, page.signed_in) == (500, UNEXPECTED, True)
    assert meanwhile == USUAL
    assert len(site.mails()) == 2  # one of this request, and one of the failing view
    assert susan.submit(form, text="in time").status == 200
    assert site.probe.rows("SELECT body FROM post") == [["in time"]]


@own_only
@behaviour("errors.page-without-database")
def test_file_is_away_for_a_while(site: Site, susan: Visitor) -> None:
    """While the database file is missing every page is the error page."""
    susan.write("before")

    def concurrent_statuses() -> set[tuple[int, bool]]:
        """Return status and whether the post is shown, for many connections."""
        with ThreadPoolExecutor(8) as pool:
            pages = pool.map(lambda _: susan.copy().home(), range(16))
            return {(page.status, "before" in page.text) for page in pages}

    assert concurrent_statuses() == {(200, True)}

    with moved_away(site.env["DATABASE_URL"]):
        assert concurrent_statuses() == {(500, False)}
        assert answers(site, susan) == LOST

    assert concurrent_statuses() == {(200, True)}
    assert answers(site, susan) == USUAL
