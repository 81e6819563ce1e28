"""Rotation with multi-byte text and with oversized first records."""

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

LIMIT = 10_240  # bytes


@pytest.fixture
def emptied(site: Site) -> Site:
    """A site whose current log file was emptied, as operators do."""
    site.require_log()
    site.probe.log("WARNING", "x" * 9_000)
    site.probe.log("WARNING", "x" * 2_000)
    site.log.current.write_bytes(b"")
    return site


@behaviour("rotation.no-empty-backup")
def test_no_empty_backup(emptied: Site) -> None:
    """An oversized record does not rotate an empty file away."""
    emptied.probe.log("WARNING", "x" * 2 * LIMIT)
    emptied.probe.log("WARNING", "x" * 2 * LIMIT)

    empty = [name for name, size in emptied.log.sizes.items() if size == 0]
    assert empty == [], f"{', '.join(empty)} is empty."


@behaviour("rotation.bytes")
@pytest.mark.parametrize("letter", ["ü", "世", "🚰"], ids=["two", "three", "four"])
def test_letters_of_many_bytes(site: Site, letter: str) -> None:
    """With multi-byte text no file reaches the limit in bytes."""
    site.require_log()
    site.probe.log("WARNING", "%d " + letter * 700, count=60)

    largest = max(list(site.log.sizes.values())[-6:])
    assert largest < LIMIT, f"A file has {largest} bytes, the limit is {LIMIT}."


@behaviour("rotation.bytes")
@pytest.mark.parametrize(
    ("more", "fits"), [(-1, True), (0, False), (1, False)], ids=["below", "at", "above"]
)
def test_threshold_in_bytes(emptied: Site, more: int, fits: bool) -> None:
    """A record of two-byte characters rotates at the same byte as any other."""
    emptied.probe.log("WARNING", "x")
    size = emptied.log.current.stat().st_size
    letters, rest = divmod(LIMIT + more - size - (size - 1), 2)

    emptied.probe.log("WARNING", "ü" * letters + "x" * rest)

    sizes = list(emptied.log.sizes.values())
    rotated = sizes[-1:] == [LIMIT + more] if fits else sizes[-2] == size
    assert rotated, f"The last files have {sizes[-2:]} bytes, the limit is {LIMIT}."
