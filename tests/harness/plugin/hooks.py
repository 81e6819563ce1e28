"""The harness's pytest hooks: options, markers, selection, and a check for secrets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.logs.secret_scanner import SECRETS, SecretExposed
from tests.harness.plugin.behaviour import behaviours
from tests.harness.server.process import restore_interrupt
from tests.harness.target.target import PARTS, REPOSITORY


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options --behaviour and --microblog."""
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
        type=microblog_folder,
        help="serve the app/ and migrations/ of this folder: another version of ours",
    )


def microblog_folder(given: str) -> Path:
    """Return the absolute path of a folder with a microblog.

    Raises:
        pytest.UsageError: A part of the microblog is missing.
    """
    folder = Path(given).absolute()
    for part in PARTS:
        if not (folder / part).is_dir():
            raise pytest.UsageError(f"--microblog: there is no {part}/ in {folder}")
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and make sure that Ctrl-C reaches the servers."""
    config.addinivalue_line(
        "markers",
        "behaviour(identity): the behaviour of the catalogue that the test proves",
    )
    # pytest-xdist declares it, too; the judge runs without pytest-xdist.
    config.addinivalue_line("markers", "xdist_group(name): tests that one worker runs")
    config.addinivalue_line("markers", "own_only: not part of a contract run")
    config.addinivalue_line(
        "markers",
        "wording: another wording differs, and does not fail in a contract run",
    )
    config.addinivalue_line("markers", "slow: takes many seconds: `tox -e slow`")
    config.addinivalue_line(
        "markers", "stored: slow, and about stored data: `tox -e postgres`"
    )
    config.addinivalue_line(
        "markers", "lengthy: slow, and not part of `make test`: `tox -e slow`"
    )
    restore_interrupt()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Select the tests that --behaviour asks for, and run slow modules first."""
    prefixes = tuple(config.getoption("behaviour"))
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        ids = [each.identity for each in behaviours(item)]
        item.user_properties.extend(("behaviour", identity) for identity in ids)
        wanted = not prefixes or any(each.startswith(prefixes) for each in ids)
        (kept if wanted else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
    # Slow modules come first, so that no worker is busy with one at the end.
    slow = {item.path for item in kept if item.get_closest_marker("slow")}
    items[:] = sorted(kept, key=lambda item: item.path not in slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Fail a test whose mails or logs contain a secret."""
    yield
    if found := SECRETS.pop_findings():
        raise SecretExposed("\n".join(["secrets are exposed:", *found]))
