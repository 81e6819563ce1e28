"""A PostgreSQL server that stops and starts again. Needs ``--postgres``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.harness.database.postgres import PostgresStore, Server, own_server
from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import silent
from tests.harness.mail.smtp_server import ClosedPort
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand
from tests.harness.target.target import Target
from tests.integration.database_loss import (
    LOST,
    UNEXPECTED,
    USUAL,
    answers,
    concurrent_statuses,
)

pytestmark = pytest.mark.xdist_group("postgres-server")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of these tests' own, to stop and start."""
    with own_server() as server:
        yield server


@behaviour("config.bad-value")
def test_encoding_other_than_utf8(
    server: Server, flask: Callable[..., CompletedCommand]
) -> None:
    """A database that is not in UTF-8 stops the migration with one line."""
    url = server.url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE narrow TEMPLATE template0 "
            "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    narrow = urlunsplit(urlsplit(url)._replace(path="/narrow"))

    ended = flask("db", "upgrade", env={"DATABASE_URL": narrow})

    assert ended.status != 0
    assert ended.last_line == (
        "DATABASE_URL: the database is in SQL_ASCII: use one in UTF8"
    )


@behaviour("data.migrations")
def test_migration_without_a_server(flask: Callable[..., CompletedCommand]) -> None:
    """A migration without a database server ends with one line."""
    nobody = ClosedPort()
    url = f"postgresql://127.0.0.1:{nobody.port}/x"

    try:
        ended = flask("db", "upgrade", env={"DATABASE_URL": url})
    finally:
        nobody.stop()

    assert ended.status != 0
    assert ended.last_line.startswith("DATABASE_URL: connection failed: ")
    assert "Traceback" not in ended.output


@pytest.fixture
def served(
    server: Server, target: Target, tmp_path: Path, launch: Callable[..., Site]
) -> Site:
    """A site on that server."""
    store = PostgresStore(target, tmp_path, server.url)
    return launch(env={"DATABASE_URL": store.new(tmp_path)})


@behaviour("data.postgres-restart")
@behaviour("errors.page-without-database")
def test_restart(server: Server, served: Site) -> None:
    """While the database is stopped errors have their pages; then all works again."""
    susan = served.member("susan")
    assert concurrent_statuses(susan) == {200}

    server.stop()
    down = answers(served, susan)
    server.start()

    assert down == LOST
    assert concurrent_statuses(susan) == {200}
    assert answers(served, susan) == USUAL
    assert susan.home().signed_in


@behaviour("data.postgres-restart")
def test_unnoticed_restart(server: Server, served: Site) -> None:
    """A restart between two requests causes no error."""
    susan = served.member("susan")
    assert concurrent_statuses(susan) == {200}

    server.stop()
    server.start()

    assert concurrent_statuses(susan) == {200}


@own_only
@behaviour("security.anonymous-never-5xx")
@behaviour("posts.write")
@pytest.mark.parametrize(
    "env",
    [
        {"PGCLIENTENCODING": "LATIN1"},
        {"PGOPTIONS": "-c client_encoding=latin1"},
        {"PGCLIENTENCODING": "SQL_ASCII"},
    ],
    ids=["variable", "option", "bytes"],
)
def test_client_encoding(launch: Callable[..., Site], env: dict[str, str]) -> None:
    """Any text can be stored and queried, whatever client encoding is set."""
    site = launch(env=env)

    page = site.member("susan").write("漢")

    assert "漢" in page.text
    assert site.visitor().sign_in("漢字").status == 200


@own_only
@behaviour("errors.page-without-database")
def test_unresponsive_database(launch: Callable[..., Site], susan: Visitor) -> None:
    """If the database accepts connections but never replies, the page still comes."""
    with Mailbox(misbehaviour=silent()) as nobody:
        url = f"postgresql://nobody@127.0.0.1:{nobody.port}/nothing"
        site = launch(env={"DATABASE_URL": url})
        cookies = "; ".join(f"{name}={value}" for name, value in susan.cookies.items())

        begin = perf_counter()
        page = site.visitor().open("/", headers={"Cookie": cookies})
        taken = perf_counter() - begin
        site.kill()

    assert (page.status, page.heading) == (500, UNEXPECTED)
    assert taken < 10
