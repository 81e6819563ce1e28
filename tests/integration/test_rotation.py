"""Rotation of the log file at the chapter's thresholds."""

import re

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

LIMIT = 10_240  # bytes
BACKUPS = 10


@pytest.fixture
def fresh(site: Site) -> Site:
    """A site whose current log file has just been started."""
    for size in (9_000, 9_000, 2_000):
        site.probe.log("WARNING", "x" * size)
    assert site.log.files != [], "There is no log file."
    size = site.log.current.stat().st_size
    assert size > 0, f"The log file has {size} bytes."
    # If a file may be larger than the chapter's, the other behaviours can still hold.
    for _ in range(400 if size >= 3_000 else 0):  # pragma: no cover - other people's
        site.probe.log("WARNING", "x" * 9_000)
        size, before = site.log.current.stat().st_size, size
        if size < before:
            break
    assert size < LIMIT, f"The log file has {size} bytes, and is not rotated."
    return site


def listed(sizes: list[int]) -> str:  # pragma: no cover - only if a test fails
    """Return sizes as words of a sentence."""
    return " and ".join(map(str, sizes))


def full(site: Site) -> int:
    """Return the size of a full log file of this site: the last that was rotated."""
    return site.log.backups[0].stat().st_size


def tenth(site: Site) -> int:
    """Return a tenth of a full log file of this site."""
    return full(site) // 10


@behaviour("rotation.threshold")
@pytest.mark.parametrize(
    ("more", "fits"), [(-1, True), (0, False), (1, False)], ids=["below", "at", "above"]
)
def test_threshold(fresh: Site, more: int, fits: bool) -> None:
    """A record that would bring the file to 10,240 bytes goes to a new file."""
    fresh.probe.log("WARNING", "x")
    line = len(fresh.log.current.read_bytes().splitlines(keepends=True)[-1])
    size = fresh.log.current.stat().st_size
    filler = LIMIT + more - size

    fresh.probe.log("WARNING", "x" * (filler - (line - 1)))

    wanted = [LIMIT + more] if fits else [size, filler]
    last_sizes = list(fresh.log.sizes.values())[-len(wanted) :]
    assert last_sizes == wanted, (
        f"The last files have {listed(last_sizes)} bytes; {listed(wanted)} are right."
    )


@behaviour("rotation.ten-backups")
def test_ten_backups(fresh: Site) -> None:
    """Ten backups are kept, .1 to .10, and never an eleventh."""
    fresh.probe.log("WARNING", "record %d " + "x" * tenth(fresh), count=150)

    current = fresh.log.current.name
    names = [f"{current}.{number}" for number in range(BACKUPS, 0, -1)]
    assert list(fresh.log.sizes) == [*names, current], (
        f"The log has {len(fresh.log.backups)} backups, {BACKUPS} were expected."
    )


@behaviour("rotation.oldest-goes")
def test_oldest_goes(fresh: Site) -> None:
    """With ten backups, the next rotation drops the oldest and no other."""
    size = tenth(fresh)
    fresh.probe.log("WARNING", "record %d " + "x" * size, count=150)
    before = [path.read_bytes() for path in fresh.log.backups]

    fresh.probe.log("WARNING", "record %d " + "x" * 8 * size, count=1)
    fresh.probe.log("WARNING", "record %d " + "x" * 8 * size, count=1)

    after = [path.read_bytes() for path in fresh.log.backups]
    shift = after.index(before[0])
    assert shift > 0, "No backup was dropped."
    assert after[shift:] == before[: len(after) - shift], (
        "The backups that stay are not those that were there, one place further."
    )


@behaviour("rotation.order")
def test_order(fresh: Site) -> None:
    """From the oldest backup to the current file, records are in order, each once."""
    padding = "x" * (tenth(fresh) // 4)
    fresh.probe.log("WARNING", f"in order %d {padding}", count=900)

    messages = [one.message for one in fresh.log.records()]
    kept = [int(one.split()[2]) for one in messages if one.startswith("in order ")]

    assert kept == list(range(900 - len(kept), 900)), (
        f"Of the newest {len(kept)} of 900 records some are lost or out of order."
    )
    # Several records per file, over all files.
    assert len(kept) > 2 * BACKUPS, f"The log has kept {len(kept)} records."


@behaviour("rotation.order")
def test_no_record_is_torn(fresh: Site) -> None:
    """Every line of every log file is one whole record."""
    padding = "x" * (tenth(fresh) // 4)
    fresh.probe.log("WARNING", f"whole %d {padding}", count=900)

    lines = [path.read_text().splitlines() for path in fresh.log.files[-3:]]

    whole = re.compile(rf"whole \d+ {padding}(?!x)")
    torn = [line for file in lines for line in file if not whole.search(line)]
    assert torn == [], f"{len(torn)} lines are no whole record."


@behaviour("rotation.restart-continues")
def test_restart_continues(fresh: Site) -> None:
    """A restart continues with the same log file."""
    before, backups = fresh.log.current.read_bytes(), fresh.log.backups

    fresh.restart()
    fresh.probe.log("WARNING", "after")
    fresh.log.wait_for("after")

    assert fresh.log.current.read_bytes().startswith(before), (
        "After a restart the log file does not begin as it did before."
    )
    assert fresh.log.backups == backups, (
        f"A restart makes of {len(backups)} backups {len(fresh.log.backups)}."
    )


@behaviour("rotation.oversized-record")
def test_oversized_record(fresh: Site) -> None:
    """A record over the limit is written whole, in a file of its own."""
    limit = full(fresh)
    message = "x" * (2 * limit)

    fresh.probe.log("WARNING", message)
    fresh.probe.log("WARNING", "after")

    whole = [one for one in fresh.log.records() if one.message == message]
    assert len(whole) == 1, f"The log has the record {len(whole)} times."
    sizes = list(fresh.log.sizes.values())[-3:]
    assert [size > limit for size in sizes] == [False, True, False], (
        f"The record shares a file: the last files have {listed(sizes)} bytes."
    )
