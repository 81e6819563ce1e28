"""The records that are kept in a log that several processes wrote."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from app.reporting import DEFAULTS
from tests.harness.logs.files import LogFiles

#: The message of a record, with its process and number.
MESSAGE = "process %d record %06d of one that has much to tell"
WHOLE = re.compile(
    rb"[-0-9]{10} [:,0-9]{12} INFO: process (\d) record (\d{6})"
    rb" of one that has much to tell \[in \S+:\d+\]"
)


@dataclass(frozen=True)
class Kept:
    """The number of records that are kept, and their faults."""

    records: int
    #: Missing records that are newer than the oldest kept record of their process.
    lost: int
    #: Lines that are not one whole record.
    torn: int
    #: Records that follow a later record of the same process.
    disordered: int
    #: The size of the largest file in bytes.
    largest: int
    #: Whether each file is as full as the limit allows.
    exact: bool


def look(folder: Path, count: int) -> Kept:
    """Examine the log in a folder, to which each process wrote ``count`` records."""
    lines = [
        path.read_bytes().splitlines(keepends=True)
        for path in LogFiles(folder, DEFAULTS["LOG_FILE"]).files
        if path.stat().st_size
    ]
    found = [WHOLE.fullmatch(line.rstrip()) for file in lines for line in file]
    numbers: dict[bytes, list[int]] = {}
    for match in filter(None, found):
        numbers.setdefault(match[1], []).append(int(match[2]))
    limit = DEFAULTS["LOG_MAX_BYTES"]
    sizes = [sum(map(len, file)) for file in lines]
    firsts = [len(file[0]) for file in lines[1:]]
    return Kept(
        records=sum(map(len, numbers.values())),
        lost=sum(count - min(one) - len(set(one)) for one in numbers.values()),
        torn=found.count(None),
        disordered=sum(
            later < earlier
            for one in numbers.values()
            for earlier, later in pairwise(one)
        ),
        largest=max(sizes),
        exact=max(sizes) < limit
        and all(
            size + first >= limit
            for size, first in zip(sizes[:-1], firsts, strict=True)
        ),
    )
