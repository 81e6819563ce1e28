"""The cost of storing last-seen in every request.

Most of a commit is the disk's work, so the ratio depends on the machine. The load
generator runs on the same machine and slows the bare route more than any page.
"""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from bench.load import rate, request
from bench.serving import APP, serving
from bench.table import Table
from tests.harness.server.site import Site

SLICE, TURNS = 1.0, 6  # seconds each, in turns that other load affects alike
FACTOR = 10
COMMITS = 100

POSTS = 22
#: The tutorial's home page has two posts; ours has up to 20.
PAGES = {"home, 2 posts": "/?before=3", "home, 20 posts": "/"}


class Case(NamedTuple):
    """A page of one of the compared applications."""

    subject: str
    page: str


OURS, THEIRS = "this application", "last-seen on each request"
BARE = Case("Flask alone", "a constant")
LEAST = Case("the least, plainly made", "home, 2 posts")
STANDIN = "bench.standin:app"
SUBJECTS: dict[str, tuple[str, dict[str, str]]] = {
    OURS: (APP, {}),
    THEIRS: (STANDIN, {}),
    "the same, with our settings": (STANDIN, {"BENCH_SETTINGS": "1"}),
}


def fill(site: Site) -> None:
    """Store posts by two users in turn."""
    writers = site.member("susan"), site.member("john")
    for number in range(POSTS):
        writers[number % 2].write(f"post {number}")


def start(stack: ExitStack) -> dict[Case, tuple[str, bytes]]:
    """Serve all applications; return the URL and the request of each case."""
    asked = {}
    for subject, (app, env) in SUBJECTS.items():
        site = stack.enter_context(serving(app, env=env))
        fill(site)
        for page, path in PAGES.items():
            sent = request(site.url, site.member("susan"), path)
            asked[Case(subject, page)] = site.url, sent
        if subject == OURS:
            sent = request(site.url, site.visitor(), "/login")
            asked[Case(subject, "sign-in")] = site.url, sent
    bare = stack.enter_context(serving("bench.bare:app"))
    asked[BARE] = bare.url, request(bare.url, bare.visitor(), "/bare")
    least = stack.enter_context(serving("bench.least:app"))
    reader = least.visitor()
    reader.open("/enter")
    asked[LEAST] = least.url, request(least.url, reader, "/")
    return asked


def commit_time() -> float:
    """Return the median seconds of a commit to SQLite without other writers."""
    taken = []
    with (
        TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "one.db")) as connection,
    ):
        connection.execute("CREATE TABLE seen AS SELECT 0 AS moment")
        for _ in range(COMMITS):
            begin = perf_counter()
            connection.execute("UPDATE seen SET moment = moment + 1")
            connection.commit()
            taken.append(perf_counter() - begin)
    return median(taken)


def measure() -> Table:
    """Measure the pages per second of all cases in turn."""
    with ExitStack() as stack:
        asked = start(stack)
        for url, sent in asked.values():
            rate(url, sent, SLICE / 2)  # warm
        turns = [
            {case: rate(url, sent, SLICE) for case, (url, sent) in asked.items()}
            for _ in range(TURNS)
        ]

    def ratio(one: Case, other: Case) -> float:
        return median(turn[one] / turn[other] for turn in turns)

    times = {
        case: ratio(Case(OURS, case.page), case) for case in asked if case.page in PAGES
    }
    return Table(
        "Pages per second, gunicorn with 2 workers, SQLite",
        ("subject", "page", "requests/s", "of Flask alone", "this application / it"),
        [
            (
                *case,
                f"{median(turn[case] for turn in turns):.0f}",
                f"{ratio(case, BARE):.3f}",
                f"{times[case]:.1f}" if case in times else "",
            )
            for case in asked
        ],
        f"at least {FACTOR} times what writing on each request leaves,"
        f" where a commit takes {commit_time() * 1e3:.1f} ms",
        min(times[Case(THEIRS, page)] for page in PAGES) >= FACTOR,
    )
