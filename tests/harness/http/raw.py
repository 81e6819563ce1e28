"""Raw HTTP requests of any bytes, and their responses."""

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RawResponse:
    """The last response on a connection; status 0 if none could be parsed."""

    status: int
    head: str
    body: bytes


def exchange(url: str, request: bytes, within: float = 20.0) -> RawResponse:
    """Send a request over a new connection and return the last response.

    Args:
        url: Any URL of the server.
        request: The bytes to send, however malformed.
        within: The maximum seconds until the server closes the connection.

    Raises:
        TimeoutError: The server did not close the connection in time.
    """
    parts = urlsplit(url)
    deadline = time.monotonic() + within
    received = b""
    # A server that refuses a request may close before it has read all of it.
    closing = contextlib.suppress(ConnectionResetError, BrokenPipeError)
    with socket.create_connection(
        (str(parts.hostname), parts.port or 80), within
    ) as connection:
        with closing:
            connection.sendall(request)
        with contextlib.suppress(OSError):  # the server has closed already
            connection.shutdown(socket.SHUT_WR)
        with closing:
            while chunk := connection.recv(65536):
                received += chunk
                connection.settimeout(max(0.001, deadline - time.monotonic()))
    return parse(received)


def parse(received: bytes) -> RawResponse:
    """Return the final response among the received bytes, after any 100 Continue."""
    head, _, body = received.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if found is None:
        return RawResponse(0, "", received)
    if found[1] == b"100":
        return parse(body)
    return RawResponse(int(found[1]), head.decode("latin-1"), body)
