"""Bisection where some points cannot be judged."""

import pytest

from tests.contract.versions.search import BAD, GOOD, SKIP, Search


@pytest.mark.parametrize("first", range(1, 17))
def test_first_bad_point(first: int) -> None:
    """The first bad one of sixteen points is found in four judgements."""
    judged: list[int] = []

    def judge(point: int) -> str:
        judged.append(point)
        return BAD if point >= first else GOOD

    search = Search(0, 16)
    search.run(judge)

    assert (search.good, search.bad) == (first - 1, first)
    assert len(judged) == 4


def test_skipped_points() -> None:
    """Points that cannot be judged are passed by, and left between the ends."""
    outcomes = [GOOD, GOOD, GOOD, SKIP, SKIP, BAD, BAD, BAD, BAD]
    search = Search(0, 8)

    search.run(lambda point: outcomes[point])

    assert (search.good, search.bad, search.between) == (2, 5, [3, 4])


def test_too_many_skipped_points() -> None:
    """The search ends if nothing between the ends can be judged."""
    search = Search(0, 1000)

    search.run(lambda point: SKIP)

    assert (search.good, search.bad, len(search.between)) == (0, 1000, 6)


def test_step() -> None:
    """Points that are not further apart than the step are not distinguished."""
    search = Search(0, 100, step=60)

    search.run(lambda point: GOOD)

    assert search.good == 50


def test_enough() -> None:
    """The search can end early."""
    search = Search(0, 100)

    search.run(lambda point: GOOD, enough=lambda: search.good >= 75)

    assert search.good == 75
