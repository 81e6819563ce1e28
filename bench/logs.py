"""The rate of records into the log file, from one process and from four.

Handlers take many short turns, so that other load affects all of them alike.
"""

import logging
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.handlers import OURS, STANDARD, SUBJECTS, Build
from bench.kept import MESSAGE, Kept, look
from bench.table import Table

Times = SimpleQueue[tuple[float, float]]

RECORDS = 5_000  # by all processes together
TURNS = 20
BOUND = 0.8


def write(build: Build, folder: Path, process: int, count: int, taken: Times) -> None:
    """Write numbered records through a new handler."""
    logging.raiseExceptions = False  # standard handlers fight over the names of files
    logger = logging.Logger("bench")
    handler = build(folder)
    logger.addHandler(handler)
    begin = perf_counter()
    for number in range(count):
        logger.info(MESSAGE, process, number)
    taken.put((begin, perf_counter()))
    handler.close()


def trial(build: Build, processes: int) -> tuple[float, Kept]:
    """Return the seconds that the writing takes, and the records that are kept."""
    fork = get_context("fork")
    taken: Times = fork.SimpleQueue()
    count = RECORDS // processes
    with TemporaryDirectory() as name:
        folder = Path(name)
        writers = [
            fork.Process(target=write, args=(build, folder, process, count, taken))
            for process in range(processes)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        begins, ends = zip(*(taken.get() for _ in writers), strict=True)
        return max(ends) - min(begins), look(folder, count)


def worst(tried: list[tuple[float, Kept]], of: Callable[[Kept], int]) -> str:
    """Return the largest of the numbers that ``of`` returns."""
    return f"{max(of(kept) for _, kept in tried):,}"


def measure() -> Table:
    """Measure the rates, and the records that are kept in the files."""
    cases = [(name, count) for count in (1, 4) for name in SUBJECTS]
    turns = [
        {case: trial(SUBJECTS[case[0]], case[1]) for case in cases}
        for _ in range(TURNS)
    ]
    tried = {case: [turn[case] for turn in turns] for case in cases}
    first = STANDARD, 1
    ratios = {
        case: median(turn[first][0] / turn[case][0] for turn in turns) for case in cases
    }
    ours = [kept for count in (1, 4) for _, kept in tried[OURS, count]]
    return Table(
        f"{RECORDS:,} records into the log file: median of {TURNS}, worst of the files",
        (
            *("handler", "processes", "records/s", "of the first", "kept"),
            *("lost among them", "torn", "out of order", "largest file", "exact"),
        ),
        [
            (
                name,
                str(count),
                f"{RECORDS / median(taken for taken, _ in tried[name, count]):,.0f}",
                f"{ratios[name, count]:.2f}",
                f"{min(kept.records for _, kept in tried[name, count]):,}",
                worst(tried[name, count], lambda kept: kept.lost),
                worst(tried[name, count], lambda kept: kept.torn),
                worst(tried[name, count], lambda kept: kept.disordered),
                worst(tried[name, count], lambda kept: kept.largest),
                "yes" if all(kept.exact for _, kept in tried[name, count]) else "no",
            )
            for name, count in cases
        ],
        f"one process writes at least {BOUND} of the standard handler's rate,"
        " and no process loses, tears or disorders a record or passes the limit",
        ratios[OURS, 1] >= BOUND
        and all(
            one.exact and not (one.lost or one.torn or one.disordered) for one in ours
        ),
    )
