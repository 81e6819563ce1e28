"""Locks of other transactions on PostgreSQL. Needs ``--postgres``."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import psycopg
import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand
from tests.harness.waiting import eventually
from tests.integration.database_loss import UNEXPECTED, concurrent_statuses


@behaviour("data.migrations")
def test_migration_of_a_table_in_use(
    flask: Callable[..., CompletedCommand], database_url: str
) -> None:
    """A migration that cannot lock a table ends with one line."""
    flask("db", "downgrade", "0001")
    with psycopg.connect(database_url) as connection:
        connection.execute('SELECT 1 FROM "user"')
        options = {"DATABASE_URL": database_url, "PGOPTIONS": "-c lock_timeout=200"}
        ended = flask("db", "upgrade", env=options)

    done = flask("db", "upgrade")

    assert ended.status != 0
    assert ended.last_line.startswith("DATABASE_URL: ")
    assert "Traceback" not in ended.output
    assert done.status == 0, done.output


@pytest.fixture
def database(site: Site) -> Iterator[psycopg.Connection]:
    """A connection of the test's own to the site's database, in a transaction."""
    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        yield connection
        connection.rollback()


def cut_the_waiting(connection: psycopg.Connection) -> bool:
    """Cut the connection that waits for a lock of this one; False if none does."""
    found = connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    return found.fetchone() is not None


@behaviour("rollback.any-statement")
def test_cut_in_a_transaction(
    site: Site, susan: Visitor, database: psycopg.Connection
) -> None:
    """A connection cut in a transaction causes one error page and stores nothing."""
    susan.home()  # seen just now, so the profile's own statement waits
    database.execute("SELECT 1 FROM \"user\" WHERE username = 'susan' FOR UPDATE")

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(susan.edit_profile, about_me="does not arrive")
        eventually(lambda: cut_the_waiting(database), what="a request that waits")
        page = waiting.result(10)
    database.rollback()

    assert (page.status, page.heading) == (500, UNEXPECTED)
    assert page.signed_in
    assert "does not arrive" not in susan.profile().text
    assert len(site.mails()) == 1


@behaviour("rollback.any-statement")
def test_all_connections_cut(
    site: Site, susan: Visitor, database: psycopg.Connection
) -> None:
    """When all connections are cut, the next requests get new ones."""
    assert concurrent_statuses(susan) == {200}

    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    assert concurrent_statuses(susan) == {200}
    assert site.mails() == []


@pytest.fixture
def unique_about_me(database: psycopg.Connection) -> Iterator[None]:
    """A database where an about-me must be unique, which no form checks."""
    database.execute('CREATE UNIQUE INDEX own_words ON "user" (about_me)')
    database.commit()
    yield
    database.execute("DROP INDEX own_words")
    database.commit()


@own_only
@behaviour("mail.no-secrets")
@pytest.mark.usefixtures("unique_about_me")
def test_quoted_row_is_not_reported(site: Site, susan: Visitor, john: Visitor) -> None:
    """The row that PostgreSQL quotes in an error is in no mail and no log."""
    susan.edit_profile(about_me="what nobody else reads yet")
    page = john.edit_profile(about_me="what nobody else reads yet")

    [mail] = site.mails()
    assert page.status == 500
    for text in (mail.text, site.log.text):
        assert "psycopg.errors.UniqueViolation" in text
        assert "own_words" in text
        assert "what nobody else reads yet" not in text


@behaviour("edit-profile.race")
def test_loser_waits_for_the_winner(
    site: Site, susan: Visitor, database: psycopg.Connection
) -> None:
    """A name that another transaction takes first gets the form's message."""
    database.execute(
        "UPDATE \"user\" SET username = 'wanted', username_key = 'wanted' "
        "WHERE username = 'john'"
    )

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(susan.edit_profile, username="wanted")
        eventually(lambda: is_waited_for(database), what="a request that waits")
        database.commit()
        page = waiting.result(10)

    assert page.status == 200
    assert page.errors("Username") == ["Please use a different username."]
    assert site.mails() == []


def is_waited_for(connection: psycopg.Connection) -> bool:
    """Return whether another connection waits for a lock of this one."""
    found = connection.execute(
        "SELECT 1 FROM pg_stat_activity "
        "WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )
    return found.fetchone() is not None


@own_only
@behaviour("errors.page-without-database")
@pytest.mark.parametrize(
    ("options", "timeout"),
    [("", "5s"), ("-c lock_timeout=9s", "9s"), ("-c lock_timeout=0", "0")],
    ids=["default", "9s", "unlimited"],
)
def test_lock_timeout(launch: Callable[..., Site], options: str, timeout: str) -> None:
    """A configured lock_timeout takes precedence over the default of 5 s."""
    site = launch(env={"PGOPTIONS": options})

    assert site.probe.rows("SHOW lock_timeout") == [[timeout]]


@own_only
@behaviour("errors.page-without-database")
def test_locked_for_too_long(launch: Callable[..., Site]) -> None:
    """A request that waits too long for a lock gets the error page."""
    site = launch(env={"PGOPTIONS": "-c lock_timeout=200"})
    susan = site.member("susan")
    susan.home()  # seen just now, so the profile's own statement waits
    site.log.forget()

    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        connection.execute('SELECT 1 FROM "user" FOR UPDATE')
        page = susan.edit_profile(about_me="too early")

    assert (page.status, page.heading, page.signed_in) == (500, UNEXPECTED, True)
    assert [one.level for one in site.records()] == ["ERROR"]
    assert susan.edit_profile(about_me="in time").status == 200


@own_only
@behaviour("errors.page-without-database")
def test_locked_table(launch: Callable[..., Site]) -> None:
    """If the user table is locked, a page waits once and shows no username."""
    site = launch(env={"PGOPTIONS": "-c lock_timeout=4s"})
    susan = site.member("susan")

    with psycopg.connect(site.env["DATABASE_URL"]) as connection:
        connection.execute('LOCK TABLE "user"')
        begin = perf_counter()
        page = susan.home()
        taken = perf_counter() - begin

    assert (page.status, page.heading) == (500, UNEXPECTED)
    assert "Home" in page.links
    assert "Sign In" not in page.links
    assert 4 <= taken < 8
    assert susan.home().status == 200


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    "lock",
    [b'SELECT 1 FROM "user" FOR UPDATE', b'LOCK TABLE "user" IN SHARE MODE'],
    ids=["row", "table"],
)
def test_reader_waits_for_no_writer(
    site: Site, susan: Visitor, database: psycopg.Connection, lock: bytes
) -> None:
    """A page does not wait for a lock that prevents storing last-seen."""
    site.users.set_last_seen("2000-01-01 00:00:00")
    database.execute(lock)

    page = susan.open("/", timeout=4)
    database.rollback()

    assert (page.status, page.signed_in) == (200, True)
    assert site.users.last_seen("susan")[:4] == "2000"
