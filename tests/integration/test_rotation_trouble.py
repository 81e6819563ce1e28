"""Rotations that fail, and processes killed in the middle of one."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

BACKUPS = 10
FLOOD = 20_000


@pytest.fixture
def full(site: Site) -> Site:
    """A site whose log has all its backups."""
    site.require_log()
    site.probe.log("WARNING", "old %d " + "x" * 1000, count=150)
    assert len(site.log.backups) == BACKUPS, (
        f"The log has {len(site.log.backups)} backups, {BACKUPS} were expected."
    )
    return site


@pytest.fixture
def refused(full: Site) -> Iterator[Path]:
    """A directory in the place of the oldest backup, which even root cannot replace."""
    oldest = full.log.backups[-1]
    oldest.unlink()
    (oldest / "not empty").mkdir(parents=True)
    yield oldest
    shutil.rmtree(oldest)


@behaviour("rotation.rename-refused")
def test_rename_refused(full: Site, refused: Path) -> None:
    """If a file cannot be renamed, records go on to the same file, and none is lost."""
    full.probe.log("WARNING", "refused %d " + "x" * 1000, count=30)

    written = full.log.current.read_text()
    lost = [number for number in range(30) if f"refused {number} " not in written]
    assert lost == [], f"{len(lost)} of 30 records are not in the log file."


@behaviour("rotation.rename-refused")
def test_answered_while_refused(full: Site, refused: Path) -> None:
    """If a file cannot be renamed, requests are answered and stderr names it."""
    printed = len(full.output)

    full.probe.log("WARNING", "refused %d " + "x" * 1000, count=30)

    page = full.fail("the pipe burst")
    assert page.status == 500, f"{page.answer}."
    assert str(full.log.current) in full.output[printed:], (
        "The server's output does not name the log file."
    )


@behaviour("rotation.killed")
def test_gap_is_filled(full: Site) -> None:
    """A gap left by a process killed between two renames costs no backup."""
    newest, *others = full.log.backups
    others[-1].unlink()
    for path in reversed([newest, *others[:-1]]):
        number = int(path.suffix[1:])
        path.rename(path.with_suffix(f".{number + 1}"))
    before = [path.read_bytes() for path in full.log.files]

    full.probe.log("WARNING", "new %d " + "x" * 10_000, count=1)

    after = [path.read_bytes() for path in full.log.files]
    assert after[: len(before)] == before, (
        "A backup that was there is gone, or has changed."
    )


@behaviour("rotation.killed")
def test_killed_while_rotating(launch: Callable[..., Site]) -> None:
    """A kill during rotations costs no record, and the next start continues."""
    site = launch()
    site.require_log()

    with ThreadPoolExecutor(1) as pool:
        flood = pool.submit(
            site.probe.log, "WARNING", "flood %d " + "x" * 2000, count=FLOOD
        )
        eventually(lambda: len(site.log.backups) == BACKUPS, what="ten backups")
        site.kill()
        with suppress(requests.ConnectionError):
            flood.result(20)
    site.start()
    site.probe.log("WARNING", "after")
    site.log.wait_for("after")

    flooded = [one.message for one in site.log.records() if "flood" in one.message]
    kept = [int(message.split()[1]) for message in flooded]
    assert kept == list(range(kept[0], kept[0] + len(kept))), (
        "Records are missing in the log."
    )
    assert len(kept) > 4 * (BACKUPS - 1), f"The log has kept {len(kept)} records."
