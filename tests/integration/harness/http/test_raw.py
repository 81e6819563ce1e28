"""Raw HTTP requests, and responses that no client would accept."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.harness.http.raw import RawResponse, exchange, parse


@pytest.fixture
def refusing_url() -> Iterator[str]:
    """The URL of a server that responds 413 after the first byte of a request."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def respond() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\n\r\n")

        thread = threading.Thread(target=respond)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    ("received", "response"),
    [
        (
            b"HTTP/1.1 404 Gone\r\nA: b\r\n\r\nx",
            (404, "HTTP/1.1 404 Gone\r\nA: b", b"x"),
        ),
        (
            b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.0 200 OK\r\n\r\n",
            (200, "HTTP/1.0 200 OK", b""),
        ),
        (b"", (0, "", b"")),
        (b"no HTTP", (0, "", b"no HTTP")),
    ],
    ids=["final", "interim", "nothing", "noise"],
)
def test_parse(received: bytes, response: tuple[int, str, bytes]) -> None:
    """The final response is parsed, or what is not HTTP returned with status 0."""
    assert parse(received) == RawResponse(*response)


def test_server_that_stops_reading(refusing_url: str) -> None:
    """A server may close the connection before it has read the whole request."""
    assert exchange(refusing_url, b"x" * 20_000_000).status in {0, 413}
