"""What the harness adds to pytest: its options, its markers, a number of workers.

And that a test ends in an error if a mail or a log told a secret.
"""

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.harness.logs.secret_scanner import SECRETS, SecretExposed
from tests.harness.plugin.behaviour import behaviours
from tests.harness.server.process import restore_interrupt
from tests.harness.target.target import PARTS, REPOSITORY

UNITS = REPOSITORY / "tests" / "unit"

#: Every test that was found, those that were not asked for too.
COLLECTED = pytest.StashKey[list[pytest.Item]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the harness's options."""
    group = parser.getgroup("behaviours")
    group.addoption(
        "--behaviour",
        action="append",
        metavar="PREFIX",
        default=[],
        help="run only tests of behaviours whose id starts so (may be repeated)",
    )
    group.addoption(
        "--microblog",
        metavar="FOLDER",
        default=REPOSITORY,
        type=folder_of_a_microblog,
        help="serve the app/ and migrations/ of this folder: another version of ours",
    )


def folder_of_a_microblog(given: str) -> Path:
    """
    Return the folder *given*, absolute.

    :raise pytest.UsageError: a part of the microblog is not there
    """
    folder = Path(given).absolute()
    for part in PARTS:
        if not (folder / part).is_dir():
            raise pytest.UsageError(f"--microblog: there is no {part}/ in {folder}")
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and see to it that Ctrl-C reaches the servers."""
    config.stash[COLLECTED] = []
    config.addinivalue_line(
        "markers",
        "behaviour(identity, level, source): the behaviour that the test proves",
    )
    config.addinivalue_line("markers", "own_only: stays out of a contract run")
    config.addinivalue_line(
        "markers",
        "wording: others may choose other words; they differ, and do not fail",
    )
    config.addinivalue_line("markers", "slow: takes many seconds: `tox -e slow`")
    config.addinivalue_line(
        "markers", "stored: slow, and about what is stored: `tox -e postgres`"
    )
    config.addinivalue_line(
        "markers", "lengthy: slow, and left out of `make test`: `tox -e slow`"
    )
    restore_interrupt()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Note each test that is found."""
    item.config.stash[COLLECTED].append(item)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep the tests that ``--behaviour`` asks for, the slow first; note their ids."""
    prefixes = tuple(config.getoption("behaviour"))
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        ids = [identity for identity, _, _ in behaviours(item)]
        item.user_properties.extend(("behaviour", identity) for identity in ids)
        wanted = not prefixes or any(each.startswith(prefixes) for each in ids)
        (kept if wanted else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    # What takes long comes first, so that no worker is left alone with it at the end.
    slow = {item.path for item in kept if item.get_closest_marker("slow")}
    items[:] = sorted(kept, key=lambda item: item.path not in slow)


def pytest_sessionstart() -> None:
    """Let few searches for garbage be made, and none in what was loaded so far."""
    gc.set_threshold(20_000, 20, 50)
    leave_alone("plugins")


def pytest_collection_finish() -> None:
    """Let no search for garbage look through the modules of the tests, either."""
    leave_alone("tests")


@cache
def leave_alone(_what: str) -> None:
    """Search for no garbage in what is there; once, as a run in a test adds nothing."""
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return a worker for each core; one more, unless nothing but units is asked for.

    Other tests wait for servers, and a start costs a second.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # xdist heeds it itself
    asked = [Path(arg.partition("::")[0]).absolute() for arg in config.args]
    waits = not all(path.is_relative_to(UNITS) for path in asked)
    return cores() + waits


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # pragma: no cover - not on the systems that measure it


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """End a test in an error if a secret was found, in what ended with the test too."""
    yield
    if found := SECRETS.findings():
        raise SecretExposed(
            "\n".join(["what people keep to themselves is told:", *found])
        )
