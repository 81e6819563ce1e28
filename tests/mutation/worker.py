"""``python -m tests.mutation.worker FD``: run tests in a copy of the checkout.

pytest and the libraries are imported once. For each request, a line of JSON on the
socket FD, a fork runs tests while one file has other contents; the response is a line,
too. The fork imports the application and collects the tests itself, so that whatever is
run on import is run with the mutant.
"""

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import pytest

PRELOADED = (
    "aiosmtpd.controller",
    "bs4",
    "email_validator",
    "flask.cli",
    "flask_login",
    "flask_migrate",
    "flask_wtf",
    "hypothesis.stateful",
    "psycopg",
    "requests",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "trustme",
    "wtforms.validators",
)
OPTIONS = (
    *("-q", "--tb=no", "--no-header", "--no-summary", "-m", "not slow"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist"),
)


class Forks:
    """A pytest plugin that takes over when tests would be collected."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._request: dict[str, Any] = {}
        self._result = -1  # the pipe to the parent, in a fork
        self._failed: list[dict[str, Any]] = []

    def pytest_collection(self, session: pytest.Session) -> bool | None:
        """Answer requests; in a fork, go on and collect the tests of its request."""
        for name in PRELOADED:
            importlib.import_module(name)
        gc.freeze()  # collections in the forks skip what they share
        for line in self._lines:
            self._request = json.loads(line)
            response = self._answer()
            if response is None:
                session.config.args = files_of(self._request["tests"])
                session.config.option.maxfail = self._request["maxfail"]
                session.config.option.postgres = self._request["postgres"]
                return None
            print(json.dumps(response), file=self._lines, flush=True)
        return True

    def _answer(self) -> dict[str, Any] | None:
        """Return the response to the request; None in a fork."""
        request = self._request
        ours, theirs = os.pipe()
        path = Path(request["file"])
        original, times = path.read_bytes(), path.stat()
        path.write_bytes(request["source"].encode())
        # The byte code of the original is as old as that.
        os.utime(path, ns=(0, 0))
        scratch = tempfile.mkdtemp(prefix="mutant-")
        child = os.fork()
        if not child:
            self._become_fork(theirs, scratch)
            return None
        os.close(theirs)
        try:
            text = read_line(ours, request["deadline"])
            if not text:
                os.kill(child, signal.SIGINT)  # it ends its servers
                if read_line(ours, 15.0):
                    text = b'{"status": "timeout", "failed": []}'
        finally:
            os.close(ours)
            end_group(child)
            path.write_bytes(original)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            shutil.rmtree(scratch, ignore_errors=True)
        response: dict[str, Any] = json.loads(
            text or '{"status": "timeout", "failed": []}'
        )
        return response

    def _become_fork(self, result: int, scratch: str) -> None:
        self._result = result
        os.setpgid(0, 0)
        sys.dont_write_bytecode = True
        os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = scratch
        tempfile.tempdir = scratch

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the requested tests, and give each a deadline unless it has its own."""
        names = requested(self._request["tests"], [item.nodeid for item in items])
        items[:] = sorted(
            (item for item in items if item.nodeid in names),
            key=lambda item: names[item.nodeid],
        )
        for item in items:
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(self._request["timeout"]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed."""
        if report.failed and len(self._failed) < 100:
            properties = report.user_properties
            ids = [str(value) for name, value in properties if name == "behaviour"]
            self._failed.append({"test": report.nodeid, "behaviours": ids})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be imported."""
        if report.failed:
            self._failed.append({"test": report.nodeid, "behaviours": []})

    def end(self, status: int) -> None:
        """End a fork with its result."""
        if self._result >= 0:
            response = {"status": int(status), "failed": self._failed}
            os.write(self._result, f"{json.dumps(response)}\n".encode())
            os._exit(0)


def file_of(test: str) -> str:
    """Return the file of a test."""
    return test.partition("::")[0]


def files_of(tests: Iterable[str]) -> list[str]:
    """Return the files of tests, one folder after the other.

    If pytest comes back to a folder, it does not find the fixtures of its conftest.py.
    """
    return sorted({*map(file_of, tests)}, key=lambda file: file.rpartition("/"))


def function_of(test: str) -> str:
    """Return a test without its parameters."""
    return test.partition("[")[0]


def requested(tests: Sequence[str], collected: Sequence[str]) -> dict[str, int]:
    """Return the collected tests to run, with their places in the request.

    A request names files, and tests. Where a mutant changes the parameters of a test,
    so that not all of those requested are collected, the test runs with all it has.
    """
    places: dict[str, int] = {}
    changed = {function_of(test) for test in {*tests} - {*collected}}
    for place, test in enumerate(tests):
        places.setdefault(test, place)
        if function_of(test) in changed:
            places.setdefault(function_of(test), place)
    found = {}
    for test in collected:
        names = [
            one for one in (test, function_of(test), file_of(test)) if one in places
        ]
        if names:
            found[test] = min(places[one] for one in names)
    return found


def read_line(pipe: int, deadline: float) -> bytes:
    """Return a line, or nothing if it is not written within *deadline* seconds."""
    text = b""
    while not text.endswith(b"\n"):
        ready, _, _ = select.select([pipe], [], [], deadline)
        chunk = os.read(pipe, 1 << 16) if ready else b""
        if not chunk:
            return b""
        text += chunk
    return text


def end_group(child: int) -> None:
    """Kill a fork with the processes that it has left in its group."""
    try:
        os.killpg(child, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(child, signal.SIGKILL)  # it has not made its group yet
    os.waitpid(child, 0)


def main(descriptor: int) -> None:
    """Answer requests until the socket is closed."""
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with socket.socket(fileno=descriptor) as ours:
        forks = Forks(ours.makefile("rw", encoding="utf-8"))
        forks.end(pytest.main([*OPTIONS, "tests/unit"], plugins=[forks]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
