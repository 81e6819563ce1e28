"""An SMTP server on a free port of this process."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from tests.harness.mail.smtp_protocol import SMTPProtocol, pass_time


class SMTPServer:
    """
    An event loop in a thread that serves one free port of 127.0.0.1.

    aiosmtpd's own Controller dials the port that it was asked for, and so
    cannot be asked for port 0: https://github.com/aio-libs/aiosmtpd/issues/276
    """

    def __init__(
        self, protocol: Callable[[], SMTPProtocol], tls: ssl.SSLContext | None
    ) -> None:
        self._protocol = protocol
        self._tls = tls
        # Accepted here and not by the loop's own servers, which forget a client between
        # his arrival and his first byte: nobody could close his connection.
        self._clients: set[socket.socket] = set()
        self._connections: set[SMTPProtocol] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._door = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._door.setblocking(False)
        self.port: int = self._door.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._loop.add_reader(self._door, self._arrive)
        self._loop.run_forever()

    def _arrive(self) -> None:
        with contextlib.suppress(OSError):  # he left before he was let in
            client, _ = self._door.accept()
            self._clients = {one for one in self._clients if one.fileno() != -1}
            self._clients.add(client)
            client.setblocking(False)
            # As asyncio does with what it accepts: each line of an answer goes at once,
            # and does not wait 40 ms for the client to acknowledge the one before.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            welcome = self._loop.create_task(self._welcome(client))
            self._tasks.add(welcome)
            welcome.add_done_callback(self._tasks.discard)

    async def _welcome(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # he left, or there is no agreement on TLS
            await self._loop.connect_accepted_socket(
                self._connect, client, ssl=self._tls
            )

    def _connect(self) -> SMTPProtocol:
        connection = self._protocol()
        self._connections.add(connection)
        return connection

    def stop(self) -> None:
        """Cut every connection, free the port and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        self._loop.remove_reader(self._door)
        self._door.close()
        for client in self._clients:
            if client.fileno() != -1:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RD)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        # Whoever was never greeted is still there.
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        while any(client.fileno() != -1 for client in self._clients):
            await pass_time(0.001)


class ClosedPort:
    """A port that is taken and not listened on: connections are refused."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def stop(self) -> None:
        """Free the port."""
        self._socket.close()
