"""What a site says when it does not start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.harness.server.service import NotStarted, ServerCommand
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace

READY = r"Running on (http://127\.0\.0\.1:\d+)"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Make a site that is served by a few lines; it is ended with the test."""
    (tmp_path / "original").mkdir()

    with ExitStack() as stack:

        def make(program: str, **found: Any) -> Site:
            path = tmp_path / "original" / "program.py"
            path.write_text(program, encoding="utf-8")
            target = Target(tmp_path / "original", **found)
            workplace = Workplace.prepare(target, tmp_path / "site")
            site = Site(workplace, ServerCommand(("program",), READY, 15), env={})
            stack.callback(site.close)
            return site

        yield make


def test_import_error(make: Callable[..., Site]) -> None:
    """A target that ends at its start is told with its own last words."""
    site = make("import no_such_package")

    with pytest.raises(
        NotStarted, match=r"did not start: ended with status 1\n(.*\n)*.*No module"
    ):
        site.start()


def test_no_ready_line(make: Callable[..., Site]) -> None:
    """A target that says nothing is ended at the deadline, and told so."""
    site = make("import signal; signal.pause()")

    with pytest.raises(NotStarted, match=r"'Running on.*' did not come within 0\.05 s"):
        site.start(within=0.05)

    assert not site.running


def test_ready_and_gone(make: Callable[..., Site]) -> None:
    """A target that ends right after it said that it runs is told with its words."""
    site = make("print('Running on http://127.0.0.1:9'); print('and out')")

    with pytest.raises(NotStarted, match=r"it ended\n(.*\n)*and out"):
        site.start()


def test_ready_and_silent(make: Callable[..., Site]) -> None:
    """A target that says that it runs and does not answer is ended, and told so."""
    site = make(
        "import signal, socket\n"
        "unheard = socket.socket()\n"
        "unheard.bind(('127.0.0.1', 0))\n"
        "port = unheard.getsockname()[1]\n"
        "print(f'Running on http://127.0.0.1:{port}', flush=True)\n"
        "signal.pause()\n"
    )

    with pytest.raises(NotStarted, match=r"an answer of the server did not come"):
        site.start(answer_within=0.05)

    assert not site.running


def test_ended_before_it_is_closed(make: Callable[..., Site]) -> None:
    """A site that has ended by itself is closed without a word."""
    site = make("")
    with pytest.raises(NotStarted):
        site.start()

    site.close()

    assert not site.running
