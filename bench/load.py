"""A load generator that sends prepared requests from a few threads."""

import socket
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from urllib.parse import urlsplit

from tests.harness.http.browser import USER_AGENT
from tests.harness.http.visitor import Visitor

CONNECTIONS = 8  # at once


def request(site_url: str, visitor: Visitor, path: str) -> bytes:
    """Return the bytes of a visitor's GET request."""
    jar = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    return (
        f"GET {path} HTTP/1.1\r\nHost: {urlsplit(site_url).netloc}\r\n"
        # Flask-Login notices a session that comes from another user agent.
        f"User-Agent: {USER_AGENT}\r\n"
        f"Cookie: {jar}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    ).encode()


def seconds(site_url: str, sent: bytes, status: int = 200, within: int = 30) -> float:
    """Return the seconds that a response with the status takes."""
    parts = urlsplit(site_url)
    begin = perf_counter()
    with socket.create_connection(
        (str(parts.hostname), parts.port or 80), within
    ) as to:
        to.sendall(sent)
        first = to.recv(65536)
        while to.recv(65536):
            pass
    if not first.startswith(b"HTTP/1.1 %d " % status):
        raise AssertionError(first[:500])
    return perf_counter() - begin


def rate(site_url: str, sent: bytes, duration: float) -> float:
    """Return the requests per second over a duration in seconds."""
    end = perf_counter() + duration

    def ask() -> int:
        count = 0
        while perf_counter() < end:
            seconds(site_url, sent)
            count += 1
        return count

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = [pool.submit(ask) for _ in range(CONNECTIONS)]
        return sum(one.result() for one in counts) / duration
