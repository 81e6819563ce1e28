"""HTTP without a client's good manners: any bytes, and whatever comes back."""

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RawResponse:
    """The last answer on a connection; status 0 if none came that can be read."""

    status: int
    head: str
    body: bytes


def exchange(url: str, request: bytes, within: float = 20.0) -> RawResponse:
    """
    Send *request* to the server of *url*, and nothing more; return its answer.

    :raise TimeoutError: the server did not close the connection in time
    """
    parts = urlsplit(url)
    deadline = time.monotonic() + within
    received = b""
    # A server that has heard enough may close before it has read all.
    closing = contextlib.suppress(ConnectionResetError, BrokenPipeError)
    with socket.create_connection(
        (str(parts.hostname), parts.port or 80), within
    ) as to:
        with closing:
            to.sendall(request)
        with contextlib.suppress(OSError):  # not connected any more, says the system
            to.shutdown(socket.SHUT_WR)
        with closing:
            while chunk := to.recv(65536):
                received += chunk
                to.settimeout(max(0.001, deadline - time.monotonic()))
    return parse(received)


def parse(received: bytes) -> RawResponse:
    """Return the answer in what was received; interim ones (100) are passed over."""
    head, _, body = received.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    if found is None:
        return RawResponse(0, "", received)
    if found[1] == b"100":
        return parse(body)
    return RawResponse(int(found[1]), head.decode("latin-1"), body)
