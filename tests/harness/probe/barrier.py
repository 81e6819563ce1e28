"""Requests that meet in the middle: the one interleaving that a race needs."""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.harness.http.page import Page
from tests.harness.server.site import Site
from tests.harness.waiting import eventually


def _call(site: Site, matching: str, count: int) -> tuple[Path, Path]:
    """Ask requests to meet; return the place, and the file that asks for it."""
    place = site.workplace.state / "arrived"
    place.mkdir()
    asked = site.workplace.state / "barrier.json"
    new = asked.with_suffix(".new")
    new.write_text(json.dumps({"matching": matching, "count": count}), "utf-8")
    new.replace(asked)
    return place, asked


@contextmanager
def barrier(site: Site, matching: str, count: int = 2) -> Iterator[None]:
    """
    Let *count* requests of the block run up to a statement before one of them passes.

    Whatever a request checks before that statement, it has checked by then, and none
    of the others has written. Requests of several processes meet as well.

    :param matching: the statement: a pattern that is found in it
    :raise AssertionError: fewer requests came to the statement
    """
    place, asked = _call(site, matching, count)
    try:
        yield
        came = len(list(place.iterdir()))
        assert came >= count, f"{came} of {count} requests came to {matching!r}"
    finally:
        asked.unlink()
        shutil.rmtree(place)


def interleaved(
    site: Site,
    request: Callable[[], Page],
    matching: str,
    meanwhile: Callable[[], object],
) -> Page:
    """
    Send a request, and let something else happen just before one of its statements.

    What happens meanwhile is not held up itself, and ends before the request goes on.

    :param matching: the statement: a pattern that is found in it
    :return: the page that the request gets
    """
    place, asked = _call(site, matching, 2)
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(request)
            what = f"a request at {matching!r}"
            eventually(lambda: list(place.iterdir()), what=what)
            asked.unlink()
            meanwhile()
            (place / "go on").touch()
            return waiting.result(10)
    finally:
        asked.unlink(missing_ok=True)
        shutil.rmtree(place)
