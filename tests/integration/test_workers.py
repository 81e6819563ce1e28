"""Several server processes on one database."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from tests.harness.http.page import Page
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.probe.barrier import barrier
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.strategies import by_profile

pytestmark = [pytest.mark.slow, pytest.mark.stored]

PEOPLE = 8
SECONDS = by_profile(quick=2, thorough=60)


@pytest.fixture
def busy(launcher: Launcher) -> Site:
    """A site of four server processes."""
    return launcher.shared(workers=4)


def use(site: Site, visitor: Visitor, number: int) -> Counter[int]:
    """Write, change and read for a while as one user; return counts by status."""
    actions: list[Callable[[int], Page]] = [
        lambda turn: visitor.write(f"{number} writes {turn}"),
        lambda turn: visitor.edit_profile(about_me=f"{number} at {turn}"),
        lambda _turn: visitor.profile("john"),
        lambda _turn: visitor.home(),
    ]
    end = monotonic() + SECONDS
    seen: Counter[int] = Counter()
    turn = 0
    while monotonic() < end:
        turn += 1
        # The next request of a user not seen for long updates last-seen.
        # Only the user's own row: two users who write both rows could deadlock.
        site.probe.sql(
            "UPDATE \"user\" SET last_seen = '2020-01-01 00:00:00' "
            f"WHERE username = '{visitor.username}'"
        )
        seen.update(action(turn).status for action in actions)
    return seen


@behaviour("data.sqlite-workers")
@pytest.mark.timeout(300)
def test_mixed_load(busy: Site) -> None:
    """Under a mixed load of eight users no request to four processes fails."""
    people = [busy.member(("susan", "john")[number % 2]) for number in range(PEOPLE)]

    with ThreadPoolExecutor(PEOPLE) as pool:
        counted = sum(pool.map(use, [busy] * PEOPLE, people, range(PEOPLE)), Counter())

    [[written]] = busy.probe.rows("SELECT count(*) FROM post")
    assert counted == {200: 4 * written}
    assert written >= PEOPLE
    # An update of last-seen may be skipped, with a warning.
    assert {one.level for one in busy.records()} <= {"INFO", "WARNING"}


@pytest.fixture
def counted(site: Site) -> Iterator[Site]:
    """A site whose database counts the updates of last-seen."""
    run = site.probe.sql
    run("UPDATE \"user\" SET last_seen = '2020-01-01 00:00:00'")
    run("CREATE TABLE written (at INTEGER)")
    trigger = 'CREATE TRIGGER counts AFTER UPDATE OF last_seen ON "user" '
    insert = "BEGIN INSERT INTO written VALUES (1);"
    returns = f"RETURNS trigger LANGUAGE plpgsql AS '{insert} RETURN NULL; END'"
    make, undo = {
        "sqlite": ([f"{trigger} {insert} END"], ["DROP TRIGGER counts"]),
        "postgresql": (
            [
                f"CREATE FUNCTION count_write() {returns}",
                f"{trigger} FOR EACH ROW EXECUTE FUNCTION count_write()",
            ],
            ["DROP FUNCTION count_write CASCADE"],
        ),
    }[site.probe.dialect()]
    for statement in make:
        run(statement)
    yield site
    for statement in [*undo, "DROP TABLE written"]:
        run(statement)


@behaviour("profile.last-seen-is-cheap")
def test_last_seen_is_written_once(counted: Site, susan: Visitor) -> None:
    """Of two simultaneous requests of a user one updates last-seen."""
    with (
        barrier(counted, r'UPDATE "?user"? SET last_seen'),
        ThreadPoolExecutor(2) as pool,
    ):
        list(pool.map(Visitor.home, [susan, susan.copy()]))

    assert counted.probe.rows("SELECT count(*) FROM written") == [[1]]


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    # For a lock held for long and, on PostgreSQL, read-only data or missing rights.
    "error",
    ["OperationalError", "InternalError", "ProgrammingError"],
)
def test_page_comes_before_last_seen(site: Site, susan: Visitor, error: str) -> None:
    """A page is served and a warning logged if last-seen cannot be stored."""
    site.probe.sql("UPDATE \"user\" SET last_seen = '2020-01-01 00:00:00'")
    site.probe.break_statement(matching="SET last_seen", error=error)

    page = susan.profile()

    assert site.probe.fault_triggered
    assert (page.status, page.heading, page.signed_in) == (200, "susan", True)
    assert [one.level for one in site.records()] == ["WARNING"]
