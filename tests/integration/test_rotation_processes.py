"""One log that several processes write and rotate."""

import re
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flooded")]

LIMIT = 10_240  # bytes
BACKUPS = 10
WORKERS = 4
CALLS = 8
RECORDS = 40  # by each call, of about 240 bytes: all of them fit into eleven files
WHOLE = re.compile(r"call (\d+) record (\d+) x{80}(?!x)")
#: Each process writes 5,000 records, of which the newest are kept.
PARTS = {"flood": 4_900, "end": 100}
FLOODED = re.compile(r"process (\d+) (\w+) (\d+) x{80}(?!x)")


@pytest.fixture
def written(launcher: Launcher) -> Site:
    """A site whose four processes have written 320 records at the same time."""
    site = launcher.shared(workers=WORKERS)
    site.require_log()

    def write(call: int) -> None:
        message = f"call {call} record %d " + "x" * 80
        site.probe.log("WARNING", message, count=RECORDS)

    with ThreadPoolExecutor(CALLS) as pool:
        list(pool.map(write, range(CALLS)))
    return site


@behaviour("rotation.many-processes")
def test_nothing_lost(written: Site) -> None:
    """Four processes lose and repeat no record, and each keeps its order."""
    found = defaultdict(list)
    for call, number in WHOLE.findall(written.log.text):
        found[int(call)].append(int(number))

    assert found == {call: list(range(RECORDS)) for call in range(CALLS)}, (
        f"Of {CALLS * RECORDS} records {sum(map(len, found.values()))} are in the log, "
        "perhaps out of order."
    )


@behaviour("rotation.many-processes")
def test_nothing_torn(written: Site) -> None:
    """Each line that four processes write is one whole record."""
    lines = [line for line in written.log.text.splitlines() if "x" * 10 in line]

    torn = [line for line in lines if not WHOLE.search(line)]
    assert torn == [], f"{len(torn)} of {len(lines)} lines are no whole record."


@behaviour("rotation.many-processes")
def test_limits_of_many(written: Site) -> None:
    """Four processes keep each file below the limit, and as full as one would."""
    sizes = list(written.log.sizes.values())

    assert max(sizes) < LIMIT, f"A file has {max(sizes)} bytes, the limit is {LIMIT}."
    assert min(sizes[-4:-1]) >= LIMIT - 400, (
        f"A backup has {min(sizes[-4:-1])} bytes only."
    )


@pytest.fixture(scope="module")
def flooded(launcher: Launcher) -> Sequence[str]:
    """Return the records of each file, from .10 on, after a flood of 20,000."""
    site = launcher.shared(workers=WORKERS)
    site.require_log()

    def write(part: str, process: int) -> None:
        message = f"process {process} {part} %d " + "x" * 80
        site.probe.log("WARNING", message, count=PARTS[part])

    with ThreadPoolExecutor(WORKERS) as pool:
        for part in PARTS:  # each worker handles one request at a time
            list(pool.map(partial(write, part), range(WORKERS)))
    return [path.read_text() for path in site.log.files]


@behaviour("rotation.many-processes")
def test_newest_of_each_are_kept(flooded: Sequence[str]) -> None:
    """Of 20,000 records the newest of each process are kept, without a gap."""
    written = [(part, number) for part in PARTS for number in range(PARTS[part])]
    kept = defaultdict(list)
    for process, part, number in FLOODED.findall("".join(flooded)):
        kept[int(process)].append((part, int(number)))

    assert kept == {
        process: written[-max(len(kept[process]), PARTS["end"]) :]
        for process in range(WORKERS)
    }, "The newest records of a process are lost, or out of order."


@behaviour("rotation.many-processes")
def test_as_full_as_can_be(flooded: Sequence[str]) -> None:
    """After 20,000 records each file is below the limit, and full."""
    sizes = [len(file.encode()) for file in flooded]
    firsts = [len(file.partition("\n")[0].encode()) + 1 for file in flooded]

    assert len(flooded) == BACKUPS + 1, f"The log has {len(flooded)} files."
    assert max(sizes) < LIMIT, f"A file has {max(sizes)} bytes, the limit is {LIMIT}."
    assert [
        size + following
        for size, (_, following) in zip(sizes, pairwise(firsts), strict=False)
        if size + following < LIMIT
    ] == [], "A file has room for the record that begins the next one."
