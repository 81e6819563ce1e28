"""The guard in the process under test: nothing leaves this machine."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness.target.target import PROBE

GUARD = PROBE / "harness_probe" / "network_guard.py"
#: An address that belongs to nobody: RFC 5737.
ELSEWHERE = ("192.0.2.1", 25)


@pytest.fixture(scope="module")
def guard() -> Any:
    """The guard's module; the others of the probe need a target."""
    spec = importlib.util.spec_from_file_location("guard", GUARD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "host",
    ["localhost", "", None, "127.0.0.1", "127.1.2.3", "::1", b"localhost"],
    ids=repr,
)
def test_local(guard: Any, host: str | bytes | None) -> None:
    """This machine's own loopback may be reached, by any of its names."""
    assert guard.is_local(host)


@pytest.mark.parametrize(
    "host",
    ["192.0.2.1", "2001:db8::1", "mail.example", b"mail.example", "10.0.0.1"],
    ids=repr,
)
def test_not_local(guard: Any, host: str | bytes) -> None:
    """Any other host is another machine, the local network's too."""
    assert not guard.is_local(host)


@pytest.mark.parametrize(
    "event",
    [
        ("socket.connect", None, ELSEWHERE),
        ("socket.sendto", None, ELSEWHERE),
        ("socket.sendmsg", None, ELSEWHERE),
        ("socket.getaddrinfo", "mail.example", 25, 0, 0, 0),
        ("socket.gethostbyname", "mail.example"),
        ("socket.gethostbyaddr", "192.0.2.1"),
    ],
    ids=lambda event: event[0],
)
def test_refused(guard: Any, event: tuple[str, Any]) -> None:
    """Each way to reach another machine, or to ask for one, is refused."""
    with pytest.raises(OSError, match="the harness l"):
        guard.check(event[0], event[1:])


@pytest.mark.parametrize(
    "event",
    [
        ("socket.connect", None, ("127.0.0.1", 25)),
        ("socket.connect", None, "/run/postgres/.s.PGSQL.5432"),
        ("socket.getaddrinfo", "localhost", 25, 0, 0, 0),
        ("socket.sendmsg", None, None),
        ("open", "/etc/hosts", "r", 0),
    ],
    ids=["loopback", "local-socket", "look-up", "connected", "something-else"],
)
def test_let_pass(guard: Any, event: tuple[str, Any]) -> None:
    """What stays on this machine is let pass."""
    assert guard.check(event[0], event[1:]) is None


def test_guard_comes_first() -> None:
    """The probe installs its guard before it imports anything of the target."""
    source = Path(PROBE / "harness_probe" / "__init__.py").read_text(encoding="utf-8")

    assert re.search(r"guard\.install\(\).*\bload\(", source, re.DOTALL)
    assert source.index("guard.install()") < source.index(
        "from harness_probe.app_loading"
    )
