"""Requests that wait for each other in the middle, as a race needs."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.harness.http.page import Page
from tests.harness.server.site import Site
from tests.harness.waiting import eventually


def _set_up(site: Site, matching: str, count: int) -> tuple[Path, Path]:
    """Set up a barrier; return the folder of arrivals, and the file that enables it."""
    arrivals = site.workplace.state / "arrived"
    arrivals.mkdir()
    switch = site.workplace.state / "barrier.json"
    new = switch.with_suffix(".new")
    new.write_text(json.dumps({"matching": matching, "count": count}), "utf-8")
    new.replace(switch)
    return arrivals, switch


@contextmanager
def barrier(site: Site, matching: str, count: int = 2) -> Iterator[None]:
    """Hold requests of the block at a statement until *count* have arrived there.

    When the first request passes, all have made the checks that precede the statement,
    and none has written. Requests of several processes wait for each other, too.

    Args:
        matching: A regular expression of the statement.

    Raises:
        AssertionError: Fewer requests came to the statement.
    """
    arrivals, switch = _set_up(site, matching, count)
    try:
        yield
        came = len(list(arrivals.iterdir()))
        assert came >= count, f"{came} of {count} requests came to {matching!r}"
    finally:
        switch.unlink()
        shutil.rmtree(arrivals)


def interleaved(
    site: Site,
    request: Callable[[], Page],
    matching: str,
    action: Callable[[], object],
) -> Page:
    """Send a request and run an action just before one of its statements.

    The action is not held at the barrier, and ends before the request continues.

    Args:
        matching: A regular expression of the statement.

    Returns:
        The page that the request gets.
    """
    arrivals, switch = _set_up(site, matching, 2)
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(request)
            what = f"a request at {matching!r}"
            eventually(lambda: list(arrivals.iterdir()), what=what)
            switch.unlink()
            action()
            (arrivals / "continue").touch()
            return waiting.result(10)
    finally:
        switch.unlink(missing_ok=True)
        shutil.rmtree(arrivals)
