"""A site whose log cannot be written."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.target.workplace import Workplace

FULL = Path("/dev/full")  # every write to it fails with "no space left on device"


@pytest.fixture
def unstarted(workplace: Workplace, database_url: str) -> Iterator[Site]:
    """A site that is not started yet, so its log is not open."""
    env = {"DATABASE_URL": database_url, "HARNESS_UNPRIVILEGED": "1"}
    site = Site(workplace, flask_server(), env)
    site.require_log()
    yield site
    site.close()


def stands_in_the_way(site: Site) -> None:
    """Put a file where the log directory belongs."""
    site.log.directory.write_text("no directory")


def is_read_only(site: Site) -> None:
    """Make the log directory read-only, even for its owner."""
    site.log.directory.mkdir(0o555)


def has_no_room(site: Site) -> None:
    """Put a full device where the log file belongs."""
    site.log.directory.mkdir()
    site.log.current.symlink_to(FULL)


@behaviour("log.unwritable")
@pytest.mark.parametrize(
    "spoil",
    [stands_in_the_way, is_read_only],
    ids=lambda spoil: spoil.__name__.replace("_", "-"),
)
def test_unwritable(unstarted: Site, spoil: Callable[[Site], None]) -> None:
    """With an unwritable log, the site starts, answers and reports it on stderr."""
    spoil(unstarted)

    unstarted.start()

    page = unstarted.visitor().home()
    assert page.status < 400, f"{page.answer}."
    page = unstarted.fail("the pipe burst")
    assert page.status == 500, f"{page.answer}."
    assert str(unstarted.log.current) in unstarted.output, (
        "The server's output does not name the log file."
    )


@behaviour("log.disk-full")
@pytest.mark.skipif(not FULL.exists(), reason="a full disk is a device of Linux")
def test_disk_full(unstarted: Site) -> None:
    """On a full disk a failing request gets its page, and stderr has the reason."""
    has_no_room(unstarted)

    unstarted.start()

    page = unstarted.visitor().home()
    assert page.status < 400, f"{page.answer}."
    page = unstarted.fail("the pipe burst")
    assert page.status == 500, f"{page.answer}."
    assert "No space left on device" in unstarted.output, (
        "The server's output does not say that the disk is full."
    )


@behaviour("log.removed")
def test_removed(unstarted: Site) -> None:
    """After its directory is removed the log continues in a new one."""
    unstarted.start()
    unstarted.probe.log("WARNING", "before")
    unstarted.log.wait_for("before")
    shutil.rmtree(unstarted.log.directory)
    printed = len(unstarted.output)

    unstarted.probe.log("WARNING", "after")

    unstarted.log.wait_for("after")
    assert str(unstarted.log.current) in unstarted.output[printed:], (
        "The server's output does not name the log file."
    )


@own_only
@behaviour("log.locked")
def test_locked(unstarted: Site) -> None:
    """While another process holds the lock, records are written without waiting."""
    fcntl = pytest.importorskip("fcntl", reason="Windows locks in another way")
    unstarted.start()
    unstarted.probe.log("WARNING", "before")
    unstarted.log.wait_for("before")

    with unstarted.log.current.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        begin = perf_counter()
        pages = [unstarted.fail(f"the pipe burst {number}") for number in range(3)]
        taken = perf_counter() - begin

    assert [page.status for page in pages] == [500] * 3
    assert "the pipe burst 2" in unstarted.log.text
    assert unstarted.output.count("another process holds it") == 1
    assert taken < 5
