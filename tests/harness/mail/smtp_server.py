"""An SMTP server on a free port, in a thread of this process."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from tests.harness.mail.smtp_protocol import SMTPProtocol


class SMTPServer:
    """An event loop in a thread that serves a free port of 127.0.0.1.

    aiosmtpd's own Controller connects to the port that it was given, and so cannot be
    given port 0: https://github.com/aio-libs/aiosmtpd/issues/276

    Args:
        tls: The context for TLS from the first byte, None for none.
    """

    def __init__(
        self, protocol: Callable[[], SMTPProtocol], tls: ssl.SSLContext | None
    ) -> None:
        self._protocol = protocol
        self._tls = tls
        # Connections are accepted here, as the loop's own servers do not know a client
        # between its arrival and its first byte, and could not disconnect it.
        self._clients: set[socket.socket] = set()
        self._connections: set[SMTPProtocol] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self._loop.add_reader(self._listener, self._accept)
        self._loop.run_forever()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the client has left already
            client, _ = self._listener.accept()
            self._clients = {one for one in self._clients if one.fileno() != -1}
            self._clients.add(client)
            client.setblocking(False)
            # As asyncio does for connections that it accepts. Otherwise each line of a
            # reply waits 40 ms for the client to acknowledge the previous one.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = self._loop.create_task(self._serve(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client has left, or TLS has failed
            await self._loop.connect_accepted_socket(
                self._connect, client, ssl=self._tls
            )

    def _connect(self) -> SMTPProtocol:
        connection = self._protocol()
        self._connections.add(connection)
        return connection

    def stop(self) -> None:
        """Close all connections and the port, and end the thread."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for client in self._clients:
            if client.fileno() != -1:
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RD)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        # Clients that were never greeted are still connected.
        for connection in self._connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        while any(client.fileno() != -1 for client in self._clients):
            await asyncio.sleep(0.001)


class ClosedPort:
    """A reserved port that refuses connections, as nothing listens on it."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def stop(self) -> None:
        """Free the port."""
        self._socket.close()
