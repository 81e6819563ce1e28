"""What comes back on a connection, read without a client's help."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.harness.http.raw import RawResponse, exchange, parse


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """Serve one connection: it is given an answer unread; returns the address."""
    threads: list[threading.Thread] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer(given: bytes) -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1)
                connection.sendall(given)

        def start(given: bytes) -> str:
            threads.append(threading.Thread(target=answer, args=[given]))
            threads[0].start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start
        threads[0].join(5)


@pytest.mark.parametrize(
    ("received", "answer"),
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
    ids=["answer", "interim", "nothing", "noise"],
)
def test_parse(received: bytes, answer: tuple[int, str, bytes]) -> None:
    """The answer is the last head and what follows it; status 0 if there is none."""
    assert parse(received) == RawResponse(*answer)


def test_exchange(answering: Callable[[bytes], str]) -> None:
    """The answer comes back, once the server has closed the connection."""
    url = answering(b"HTTP/1.1 200 OK\r\n\r\nhello")

    assert exchange(url, b"?") == RawResponse(200, "HTTP/1.1 200 OK", b"hello")


def test_server_that_stops_reading(answering: Callable[[bytes], str]) -> None:
    """A server that closes before it has read everything is no failure."""
    url = answering(b"HTTP/1.1 413 Too Large\r\n\r\n")

    assert exchange(url, b"x" * 20_000_000).status in {0, 413}
