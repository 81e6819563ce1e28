"""One log that several processes write and rotate."""

import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.behaviour import SHOULD, behaviour
from tests.harness.launcher import Launcher
from tests.harness.site import Site

pytestmark = pytest.mark.slow

LIMIT = 10_240  # bytes
WORKERS = 4
CALLS = 8
RECORDS = 40  # by each call, of some 240 bytes: eleven files have room for them all
WHOLE = re.compile(r"call (\d+) record (\d+) x{80}(?!x)")


@pytest.fixture
def written(launcher: Launcher) -> Site:
    """A site whose four processes have written 320 records at the same time."""
    site = launcher.shared(workers=WORKERS)
    site.demand_log()

    def write(call: int) -> None:
        message = f"call {call} record %d " + "x" * 80
        site.probe.log("WARNING", message, count=RECORDS)

    with ThreadPoolExecutor(CALLS) as pool:
        list(pool.map(write, range(CALLS)))
    return site


@behaviour("rotation.many-processes", SHOULD)
def test_nothing_lost(written: Site) -> None:
    """Four processes lose no record, write none twice, and each keeps its order."""
    found = defaultdict(list)
    for call, number in WHOLE.findall(written.log.text):
        found[int(call)].append(int(number))

    assert found == {call: list(range(RECORDS)) for call in range(CALLS)}


@behaviour("rotation.many-processes", SHOULD)
def test_nothing_torn(written: Site) -> None:
    """Each line that four processes write is one whole record."""
    lines = [line for line in written.log.text.splitlines() if "x" * 10 in line]

    assert [line for line in lines if not WHOLE.search(line)] == []


@behaviour("rotation.many-processes", SHOULD)
def test_limits_of_many(written: Site) -> None:
    """Four processes keep each file under the limit, and as full as one would."""
    sizes = list(written.log.sizes.values())

    assert max(sizes) < LIMIT
    assert min(sizes[-4:-1]) >= LIMIT - 400
