"""Records per second into the log file, by one process and by four."""

import logging
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from app.config import load
from app.reporting import file_handler
from app.reporting.logfile import BACKUPS, FORMAT, MAX_BYTES, NAME
from bench.table import Table

RECORDS = 20_000  # by all processes together
TURNS = 5
BOUND = 0.8

Build = Callable[[Path], logging.Handler]


def standard(folder: Path) -> logging.Handler:
    """The handler that the chapter sets up."""
    handler = RotatingFileHandler(
        folder / NAME, maxBytes=MAX_BYTES, backupCount=BACKUPS
    )
    handler.setFormatter(logging.Formatter(FORMAT))
    return handler


def ours(folder: Path) -> logging.Handler:
    """The handler of this application."""
    database = {"DATABASE_URL": "sqlite://", "LOG_DIR": str(folder)}
    return file_handler(load(__file__, database) | {"SECRET_KEY": "a secret"})


SUBJECTS: dict[str, Build] = {"standard handler": standard, "this application": ours}


def write(build: Build, folder: Path, count: int) -> None:
    """Write so many records, numbered, by a handler of one's own."""
    logging.raiseExceptions = False  # standard handlers fight over the names of files
    logger = logging.Logger("bench")
    handler = build(folder)
    logger.addHandler(handler)
    for number in range(count):
        logger.info("record %06d of a process that has much to tell", number)
    handler.close()


def seconds(build: Build, processes: int) -> tuple[float, int]:
    """How long the writing takes, and how many records are kept of it."""
    fork = get_context("fork")
    with TemporaryDirectory() as name:
        folder = Path(name)
        writers = [
            fork.Process(target=write, args=(build, folder, RECORDS // processes))
            for _ in range(processes)
        ]
        begin = perf_counter()
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        taken = perf_counter() - begin
        kept = b"".join(path.read_bytes() for path in folder.glob(f"{NAME}*"))
        return taken, kept.count(b" record ")


def measure() -> Table:
    """The rates side by side, taken in turn: a busy machine is busy for all."""
    cases = [(name, count) for count in (1, 4) for name in SUBJECTS]
    turns = [
        {case: seconds(SUBJECTS[case[0]], case[1]) for case in cases}
        for _ in range(TURNS)
    ]
    first = cases[0]
    ratios = {
        case: median(turn[first][0] / turn[case][0] for turn in turns) for case in cases
    }
    return Table(
        f"{RECORDS:,} records into the log file: median of {TURNS}",
        ("handler", "processes", "records/s", "of the standard one's", "kept"),
        [
            (
                name,
                str(count),
                f"{RECORDS / median(turn[name, count][0] for turn in turns):,.0f}",
                f"{ratios[name, count]:.2f}",
                f"{min(turn[name, count][1] for turn in turns):,}",
            )
            for name, count in cases
        ],
        f"one process writes at least {BOUND} of the standard handler's rate",
        ratios["this application", 1] >= BOUND,
    )
