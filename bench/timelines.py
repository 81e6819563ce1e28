"""The time of a timeline's page among few and among very many posts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg

from bench.load import request, seconds
from bench.serving import serving
from bench.table import Table
from tests.harness.database.postgres import PostgresStore, server
from tests.harness.database.stores import Store
from tests.harness.server.site import Site
from tests.harness.target.target import Target

FEW, MANY = 1_000, 1_000_000  # posts
TIMES = 100
BOUND = 1.2

SERIES = {
    "sqlite": (
        "WITH RECURSIVE series(n) AS "
        "(SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last}) "
    ),
    "postgresql": "WITH series(n) AS (SELECT generate_series({first}, {last})) ",
}
INSERT = (
    "INSERT INTO post (id, body, timestamp, user_id) "
    "SELECT n, 'post ' || n, '2026-01-01 00:00:00', (SELECT id FROM people "
    "WHERE place = n % (SELECT count(*) FROM people)) FROM series"
)
PEOPLE = (
    "CREATE TABLE people AS SELECT id, "
    'row_number() OVER (ORDER BY id) - 1 AS place FROM "user"'
)


def run(site: Site, *statements: str) -> None:
    """Run statements on the site's database directly."""
    url = site.env["DATABASE_URL"]
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
    else:
        with psycopg.connect(url) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def fill(site: Site, dialect: str, count: int) -> None:
    """Store posts of susan and john in turn."""
    site.member("susan")
    series = SERIES[dialect].format(first=1, last=count)
    run(site, PEOPLE, series + INSERT, "ANALYZE")


def pages(total: int) -> dict[str, str]:
    """Return the path of each kind of page, by name."""
    return {
        "home": "/",
        "home, in the middle": f"/?before={total // 2}",
        "home, backwards": f"/?after={total // 2}",
        "profile": "/user/susan",
        "profile, in the middle": f"/user/susan?before={total // 2}",
    }


def rows(dialect: str, store: Store | None) -> Iterator[tuple[str, str, float, float]]:
    """Yield database, page, and its median seconds among few and many posts.

    Requests alternate between the two, so that other load affects both alike.
    """
    with (
        serving(workers=1, store=store) as few,
        serving(workers=1, store=store) as many,
    ):
        asked = {}
        for site, count in ((few, FEW), (many, MANY)):
            fill(site, dialect, count)
            susan = site.member("susan")
            asked[site.url] = {
                name: request(site.url, susan, path)
                for name, path in pages(count).items()
            }
        for name in pages(FEW):
            taken = [
                [seconds(url, requests[name]) for url, requests in asked.items()]
                for _ in range(TIMES)
            ]
            yield dialect, name, *map(median, zip(*taken, strict=True))


def measure() -> Table:
    """Measure the pages on both databases."""
    found = list(rows("sqlite", None))
    with server() as url, TemporaryDirectory() as folder:
        store = PostgresStore(Target.own(), Path(folder), url)
        found += rows("postgresql", store)
        store.close()
    return Table(
        f"A page of a timeline among {FEW:,} and {MANY:,} posts: median of {TIMES}",
        ("database", "page", f"{FEW:,}", f"{MANY:,}", "ratio"),
        [
            (
                dialect,
                page,
                f"{few * 1e3:.2f} ms",
                f"{many * 1e3:.2f} ms",
                f"{many / few:.2f}",
            )
            for dialect, page, few, many in found
        ],
        f"at most {BOUND} times",
        all(many <= BOUND * few for _, _, few, many in found),
    )
