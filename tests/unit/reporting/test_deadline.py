"""Connections that end in time."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from app.reporting.deadline import (
    Address,
    Deadline,
    TimedSocket,
    TimedTLSSocket,
    connect,
    encrypt,
)
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Clock


def address(port: int) -> Address:
    """What getaddrinfo says of a port of this machine."""
    return socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def connection(listener: socket.socket, clock: Clock) -> Iterator[TimedSocket]:
    """A connection to it, with a deadline in five seconds."""
    port = listener.getsockname()[1]
    with connect([address(port)], Deadline(5, clock)) as connection:
        yield connection


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_left(clock: Clock) -> None:
    """What is left shrinks as time goes by."""
    deadline = Deadline(5, clock)
    clock.pass_(2)

    assert deadline.left() == 3


@pytest.mark.parametrize("late", [0, 1], ids=["now", "past"])
def test_over(clock: Clock, late: float) -> None:
    """When the moment has come, nothing is left."""
    deadline = Deadline(5, clock)
    clock.pass_(5 + late)

    assert deadline.is_over
    with pytest.raises(TimeoutError):
        deadline.left()


def test_not_over(clock: Clock) -> None:
    """Before the moment, it is not over."""
    deadline = Deadline(5, clock)
    clock.pass_(4.999)

    assert not deadline.is_over


@behaviour("mail.never-blocks")
def test_reading_has_what_is_left(connection: TimedSocket, clock: Clock) -> None:
    """A read waits for no longer than what is left in all."""
    clock.pass_(4.99)

    with pytest.raises(TimeoutError):
        connection.recv_into(bytearray(1))
    assert connection.gettimeout() == pytest.approx(0.01)


def test_reading_after_the_end(connection: TimedSocket, clock: Clock) -> None:
    """When the time is over, nothing is read any more."""
    clock.pass_(5)

    with pytest.raises(TimeoutError):
        connection.recv_into(bytearray(1))


def test_sending_has_what_is_left(connection: TimedSocket, clock: Clock) -> None:
    """A send waits for no longer than what is left in all."""
    clock.pass_(3)
    connection.sendall(b"EHLO\r\n")

    assert connection.gettimeout() == 2


def test_sending_after_the_end(connection: TimedSocket, clock: Clock) -> None:
    """When the time is over, nothing is sent any more."""
    clock.pass_(5)

    with pytest.raises(TimeoutError):
        connection.sendall(b"EHLO\r\n")


def test_next_address(listener: socket.socket, dead_port: int) -> None:
    """Where one address refuses, the next one is tried."""
    addresses = [address(dead_port), address(listener.getsockname()[1])]

    with connect(addresses, Deadline(5)) as connection:
        assert connection.getpeername() == listener.getsockname()


def test_last_address(dead_port: int) -> None:
    """Where every address refuses, the last refusal is told."""
    with pytest.raises(ConnectionRefusedError):
        connect([address(dead_port), address(dead_port)], Deadline(5))


def test_no_address() -> None:
    """A host without an address cannot be connected to."""
    with pytest.raises(OSError, match="no address"):
        connect([], Deadline(5))


def test_time_is_shared(listener: socket.socket, clock: Clock) -> None:
    """The first of two addresses gets half of the time."""
    addresses = [address(listener.getsockname()[1])] * 2

    with connect(addresses, Deadline(5, clock)) as connection:
        assert connection.gettimeout() == 2.5


@behaviour("mail.never-blocks")
def test_handshake_has_what_is_left(connection: TimedSocket, clock: Clock) -> None:
    """A handshake that is not answered ends in time."""
    context = ssl.create_default_context()
    context.sslsocket_class = TimedTLSSocket
    clock.pass_(4.99)

    with pytest.raises(TimeoutError):
        encrypt(connection, context, "localhost")
