"""A look-up of a host's name that ends in time, however its name server does."""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from .deadline import Address, Deadline

Answer = Sequence[Address] | Exception


def look_up(
    host: str,
    port: int,
    deadline: Deadline,
    *,
    resolve: Callable[..., Any] = socket.getaddrinfo,
    start: Callable[[threading.Thread], None] = threading.Thread.start,
) -> Sequence[Address]:
    """Return the addresses of `host`, for TCP.

    The system's look-up has limits of its own only, so a thread makes it, which is left
    to itself when the time is over.

    :raise OSError: if the host has none, or the answer takes too long.
    """
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            answers.put(error)

    try:
        start(threading.Thread(target=ask, name="name-look-up", daemon=True))
    except RuntimeError:
        ask()  # no thread starts while the interpreter ends
    try:
        answer = answers.get(timeout=deadline.left())
    except queue.Empty:
        raise TimeoutError("timed out") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
