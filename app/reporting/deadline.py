"""Sockets that end in time, however slowly the other side answers.

A timeout of the standard library holds for one read: a server that sends a byte now
and then keeps its client for ever. Here one deadline holds for all that is done with
a connection.
"""

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


class Deadline:
    """A moment `seconds` from now, after which nothing is waited for."""

    def __init__(
        self, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def is_over(self) -> bool:
        """Whether the moment has come."""
        return self._clock() >= self._end

    def left(self) -> float:
        """Return the seconds left, more than none.

        :raise TimeoutError: when the moment has come.
        """
        left = self._end - self._clock()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _Timed(socket.socket):
    """The two calls that smtplib makes on a socket, each with what time is left."""

    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read, for as long as the deadline leaves."""
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """Send, for as long as the deadline leaves."""
        self.settimeout(self.deadline.left())
        super().sendall(*args, **kwargs)


class TimedSocket(_Timed):
    """A TCP connection with a deadline."""


class TimedTLSSocket(_Timed, ssl.SSLSocket):
    """The same, encrypted."""


def connect(addresses: Sequence[Address], deadline: Deadline) -> TimedSocket:
    """Return a connection to the first of `addresses` that answers.

    They are those of socket.getaddrinfo.

    :raise OSError: if none answers in time; says what the last one did.
    """
    trouble = OSError("no address")
    for tried, address in enumerate(addresses):
        try:
            # A dead first address, of IPv6 say, leaves time for the others.
            seconds = deadline.left() / (len(addresses) - tried)
            return _connect(address, seconds, deadline)
        except OSError as error:
            trouble = error
    raise trouble


def _connect(address: Address, seconds: float, deadline: Deadline) -> TimedSocket:
    family, kind, protocol, _, place = address
    connection = TimedSocket(family, kind, protocol)
    connection.deadline = deadline
    try:
        connection.settimeout(seconds)
        connection.connect(place)
    except OSError:
        connection.close()
        raise
    return connection


def encrypt(
    connection: TimedSocket, context: ssl.SSLContext, host: str
) -> TimedTLSSocket:
    """Return `connection` under TLS; if that fails, it is closed.

    :raise OSError: (also ssl.SSLError) if the two sides do not agree in time.
    """
    deadline = connection.deadline
    connection.settimeout(deadline.left())
    encrypted = context.wrap_socket(connection, server_hostname=host)
    assert isinstance(encrypted, TimedTLSSocket)
    encrypted.deadline = deadline
    return encrypted
