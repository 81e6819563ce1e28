"""The network guard in the process under test."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness.probe.client import Probe
from tests.harness.target.target import PROBE
from tests.unit.harness.probe.modules import load_module

#: An address that is reserved for documentation: RFC 5737.
ELSEWHERE = ("192.0.2.1", 25)


@pytest.fixture(scope="module")
def guard() -> Any:
    """The module of the network guard."""
    return load_module("network_guard")


@pytest.mark.parametrize(
    "host",
    ["localhost", "", None, "127.0.0.1", "127.1.2.3", "::1", b"localhost"],
    ids=repr,
)
def test_local(guard: Any, host: str | bytes | None) -> None:
    """The loopback of this machine is local, under any of its names."""
    assert guard.is_local(host)


@pytest.mark.parametrize(
    "host",
    ["192.0.2.1", "2001:db8::1", "mail.example", b"mail.example", "10.0.0.1"],
    ids=repr,
)
def test_not_local(guard: Any, host: str | bytes) -> None:
    """Any other host is not local, not even in the local network."""
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
    """Connecting to another machine, or resolving its name, is refused."""
    with pytest.raises(OSError, match=r"the harness (blocks|does not resolve)"):
        guard.check(event[0], event[1:])


@pytest.mark.parametrize(
    "event",
    [
        ("socket.connect", None, ("127.0.0.1", 8025)),
        ("socket.connect", None, "/run/postgres/.s.PGSQL.5432"),
        ("socket.getaddrinfo", "localhost", 25, 0, 0, 0),
        ("socket.sendmsg", None, None),
        ("open", "/etc/hosts", "r", 0),
    ],
    ids=["loopback", "local-socket", "resolution", "connected", "other-event"],
)
def test_allowed(guard: Any, event: tuple[str, Any]) -> None:
    """Connections within this machine are allowed."""
    assert guard.check(event[0], event[1:]) is None


@pytest.mark.parametrize("port", [25, 465, 587])
def test_mail_server_of_this_machine(
    guard: Any, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's own mail server is not reached; the port is recorded."""
    monkeypatch.setenv("HARNESS_STATE", str(tmp_path))

    with pytest.raises(ConnectionRefusedError, match="blocks connections"):
        guard.check("socket.connect", (None, ("127.0.0.1", port)))

    assert Probe(lambda: "", tmp_path).connections() == {port}


def test_no_connections(tmp_path: Path) -> None:
    """A site that connects to nothing has no record of it."""
    assert Probe(lambda: "", tmp_path).connections() == set()


def test_guard_comes_first() -> None:
    """The probe installs the network guard before it imports the target."""
    source = Path(PROBE / "harness_probe" / "__init__.py").read_text(encoding="utf-8")

    assert re.search(r"guard\.install\(\).*\bload\(", source, re.DOTALL)
    assert source.index("guard.install()") < source.index(
        "from harness_probe.app_loading"
    )
