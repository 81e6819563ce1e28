"""The PostgreSQL server of a run."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.database.postgres import alone


def test_one_start_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The start of a second server waits for that of the first."""
    fcntl = pytest.importorskip("fcntl", reason="on Windows no user is made")
    flock = fcntl.flock

    def second() -> None:
        with alone():
            pass

    with alone(), ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(
            fcntl, "flock", lambda file, how: flock(file, how | fcntl.LOCK_NB)
        )
        with pytest.raises(BlockingIOError):
            pool.submit(second).result(5)
    second()
