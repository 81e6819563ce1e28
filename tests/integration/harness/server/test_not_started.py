"""Errors about a site that does not start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.harness.server.service import NotStarted, ServerCommand
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace

READY = r"Running on (http://127\.0\.0\.1:\d+)"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Site]]:
    """Return a site whose server is a short program; it is ended with the test."""
    (tmp_path / "original").mkdir()

    with ExitStack() as stack:

        def make(program: str) -> Site:
            path = tmp_path / "original" / "program.py"
            path.write_text(program, encoding="utf-8")
            target = Target(tmp_path / "original")
            workplace = Workplace.prepare(target, tmp_path / "site")
            site = Site(workplace, ServerCommand(("program",), READY, 15), env={})
            stack.callback(site.close)
            return site

        yield make


def test_target_that_ends(make: Callable[[str], Site]) -> None:
    """The error about a target that ends shows its last output."""
    site = make("import no_such_package")

    with pytest.raises(
        NotStarted, match=r"did not start: ended with status 1\n(.*\n)*.*No module"
    ):
        site.start()


def test_target_without_a_ready_line(make: Callable[[str], Site]) -> None:
    """A target that does not report that it is ready is ended at the deadline."""
    site = make("import signal; signal.pause()")

    with pytest.raises(NotStarted, match=r"'Running on.*' did not come within 0\.05 s"):
        site.start(within=0.05)

    assert not site.running


def test_target_that_ends_when_ready(make: Callable[[str], Site]) -> None:
    """The error about a target that ends after its ready line shows its output."""
    site = make("print('Running on http://127.0.0.1:9'); print('and out')")

    with pytest.raises(NotStarted, match=r"it ended\n(.*\n)*and out"):
        site.start()


def test_target_that_does_not_answer(make: Callable[[str], Site]) -> None:
    """A target that reports that it is ready but does not answer is ended."""
    site = make(
        "import signal, socket\n"
        "reserved = socket.socket()\n"
        "reserved.bind(('127.0.0.1', 0))\n"
        "port = reserved.getsockname()[1]\n"
        "print(f'Running on http://127.0.0.1:{port}', flush=True)\n"
        "signal.pause()\n"
    )

    with pytest.raises(NotStarted, match=r"an answer of the server did not come"):
        site.start(answer_within=0.05)

    assert not site.running


def test_site_that_has_ended(make: Callable[[str], Site]) -> None:
    """A site that has ended can be closed."""
    site = make("")
    with pytest.raises(NotStarted):
        site.start()

    site.close()

    assert not site.running


def test_target_that_prints_nothing(make: Callable[[str], Site]) -> None:
    """A server that prints nothing is found by the port that it listens on."""
    site = make(
        "import os, signal\n"
        "path = os.path.join(os.environ['HARNESS_STATE'], 'port')\n"
        "open(path, 'w').write('8')\n"
        "os.rename(path, path + '.txt')\n"
        "signal.pause()\n"
    )
    site.probed = False

    site.start()

    assert site.url == "http://127.0.0.1:8"
