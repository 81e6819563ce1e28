"""An SMTP server that stops leaves no connection of its clients open."""

import gc
import socket
import warnings
from contextlib import ExitStack, suppress

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.misbehaviour import dripping, silent
from tests.harness.waiting import eventually


def is_closed(client: socket.socket) -> bool:
    """Read until the server has closed the connection."""
    client.settimeout(5)
    with suppress(ConnectionResetError):
        while client.recv(1024) != b"":
            continue
    return True


def stop_with_clients(options: dict[str, object], connected: bool) -> None:
    """Stop a mailbox that has ten clients, before or after it has noticed them."""
    with ExitStack() as stack:
        mailbox = Mailbox(**options)  # type: ignore[arg-type]  # as below
        for _ in range(10):
            client = socket.create_connection(("127.0.0.1", mailbox.port), 5)
            stack.enter_context(client)
        if connected:
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
@pytest.mark.parametrize("connected", [True, False], ids=["connected", "arriving"])
def test_stop_without_warnings(
    options: dict[str, object], connected: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Stopping a server with clients causes neither warnings nor errors in its loop."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stop_with_clients(options, connected)
        gc.collect()

    assert [str(warning.message) for warning in caught] == []
    assert [
        record.message
        for record in caplog.records
        # In development mode asyncio also logs what took long.
        if record.name == "asyncio" and not record.message.startswith("Executing ")
    ] == []


@pytest.mark.parametrize("options", [{}, {"certificate": "good", "implicit": True}])
def test_disconnected_client(options: dict[str, object]) -> None:
    """A server that stops closes the connections of its clients."""
    mailbox = Mailbox(**options)  # type: ignore[arg-type]  # as above
    with socket.create_connection(("127.0.0.1", mailbox.port), 5) as client:
        eventually(lambda: mailbox.connections == 1)
        mailbox.close()

        assert is_closed(client)
