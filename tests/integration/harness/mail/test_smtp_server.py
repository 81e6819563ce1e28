"""How a mail server stops: nothing of its clients is left open."""

import gc
import socket
import warnings
from contextlib import ExitStack, suppress

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import dripping, silent
from tests.harness.waiting import eventually


def ended(client: socket.socket) -> bool:
    """Read on, and tell whether the server has cut the connection."""
    client.settimeout(5)
    with suppress(ConnectionResetError):
        while client.recv(1024) != b"":
            continue
    return True


def stop_amid_clients(options: dict[str, object], settled: bool) -> None:
    """Stop a mailbox that has ten clients, once it has seen them or before."""
    with ExitStack() as stack:
        mailbox = Mailbox(**options)  # type: ignore[arg-type]  # as they are below
        for _ in range(10):
            client = socket.create_connection(("127.0.0.1", mailbox.port), 5)
            stack.enter_context(client)
        if settled:
            eventually(lambda: mailbox.connections == 10)
        mailbox.close()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"certificate": "good", "implicit": True},
        {"misbehaviour": silent()},
        {"misbehaviour": dripping(0.01)},
    ],
    ids=["plain", "tls", "silent", "dripping"],
)
@pytest.mark.parametrize("settled", [True, False], ids=["waiting", "arriving"])
def test_stopped_amid_clients(
    options: dict[str, object], settled: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A stopping server cuts off who is there, arriving, or silent instead of TLS."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        stop_amid_clients(options, settled)
        gc.collect()

    assert [str(warning.message) for warning in warned] == []
    told = [
        record.message
        for record in caplog.records
        if record.name == "asyncio" and not record.message.startswith("Executing ")
    ]  # in development mode it tells of what took long, too
    assert told == []


@pytest.mark.parametrize("options", [{}, {"certificate": "good", "implicit": True}])
def test_cut_off(options: dict[str, object]) -> None:
    """Whoever is connected is told by the end of the connection."""
    mailbox = Mailbox(**options)  # type: ignore[arg-type]  # one of the two above
    with socket.create_connection(("127.0.0.1", mailbox.port), 5) as client:
        eventually(lambda: mailbox.connections == 1)
        mailbox.close()

        assert ended(client)
