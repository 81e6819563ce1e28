"""Requests that meet in the middle: the one interleaving that a race needs."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.harness.site import Site


@contextmanager
def meeting(site: Site, matching: str, count: int = 2) -> Iterator[None]:
    """
    Let *count* requests of the block run up to a statement before one of them passes.

    Whatever a request checks before that statement, it has checked by then, and none
    of the others has written. Requests of several processes meet as well.

    :param matching: the statement: a pattern that is found in it
    :raise AssertionError: fewer requests came to the statement
    """
    place = site.workplace.state / "met"
    place.mkdir()
    asked = site.workplace.state / "meeting.json"
    new = asked.with_suffix(".new")
    new.write_text(json.dumps({"matching": matching, "count": count}), "utf-8")
    new.replace(asked)
    try:
        yield
        came = len(list(place.iterdir()))
        assert came >= count, f"{came} of {count} requests came to {matching!r}"
    finally:
        asked.unlink()
        shutil.rmtree(place)
