"""An SMTP server on a free port of this process, well behaved or not."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.harness.misbehaviour import CONNECT, Misbehaviour


class Protocol(SMTP):
    """aiosmtpd's protocol, which also records what it got and can misbehave."""

    def __init__(
        self,
        handler: Any,
        *,
        misbehaviour: Misbehaviour | None,
        received: Callable[[bytes, bool], None],
        **options: Any,
    ) -> None:
        super().__init__(handler, **options)
        self._misbehaviour = misbehaviour
        self._received = received
        self._at = CONNECT
        self._answers = 0
        self._strikes_on = False
        #: Whether it has misbehaved.
        self.struck = False
        #: Whether the client has left.
        self.left = False
        for command, method in list(self._smtp_methods.items()):
            self._smtp_methods[command] = self._noting(command, method)

    def _noting(self, command: str, method: Any) -> Any:
        """Wrap a command so that the answers to it are known to be its answers."""

        async def noted(arg: str | None) -> None:
            self._at = command
            await method(arg)

        # aiosmtpd reads the help texts off its methods.
        noted.__dict__.update(method.__dict__)
        return noted

    @property
    def encrypted(self) -> bool:
        """Whether this connection is inside TLS now."""
        transport = self.transport
        return transport is not None and bool(transport.get_extra_info("sslcontext"))

    def data_received(self, data: bytes) -> None:
        """Record what the client sent, as it came off the wire or out of TLS."""
        self._received(data, self.encrypted)
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the client has left."""
        self.left = True
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Note that the client has left; who was never greeted, aiosmtpd keeps."""
        self.left = True
        return super().eof_received()

    async def push(self, status: Any) -> None:
        """Answer, unless it is time to misbehave."""
        fault = self._misbehaviour
        self._strikes_on |= self._strikes_next(str(status))
        self._answers += 1
        if fault and self._strikes_on:
            self.struck = True
        if not (fault and self._strikes_on):
            await super().push(status)
        elif fault.silent:
            await asyncio.Event().wait()
        elif fault.hang_up:
            self._writer.close()
            await asyncio.Event().wait()
        elif fault.interval is not None:
            for byte in str(status).encode() + b"\r\n":
                self._writer.write(bytes([byte]))
                await self._writer.drain()
                await _pass(fault.interval)
        else:
            self._strikes_on = False
            await super().push(str(fault.reply))

    def breaks_next(self) -> bool:
        """Tell whether the client does not get its next answer as it is meant."""
        fault = self._misbehaviour
        return fault is not None and fault.interval is None and self._strikes_next()

    def _strikes_next(self, status: str = "") -> bool:
        """Tell whether this is the answer at which to begin to misbehave."""
        fault = self._misbehaviour
        if fault is None or isinstance(fault.at, int):
            return fault is not None and fault.at == self._answers + 1
        # "354 go on" asks for the text: DATA is answered after it.
        return self._at == fault.at and not (
            self._at == "DATA" and status.startswith("354")
        )


async def _pass(seconds: float) -> None:
    """Let time pass without blocking the other connections."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, done.set)
    await done.wait()


class Server:
    """
    An event loop in a thread that serves one free port of 127.0.0.1.

    aiosmtpd's own Controller dials the port that it was asked for, and so
    cannot be asked for port 0: https://github.com/aio-libs/aiosmtpd/issues/276
    """

    def __init__(
        self, protocol: Callable[[], Protocol], tls: ssl.SSLContext | None
    ) -> None:
        self._protocol = protocol
        self._tls = tls
        # Accepted here and not by the loop's own servers, which forget a client between
        # his arrival and his first byte: nobody could close his connection.
        self._clients: set[socket.socket] = set()
        self._connections: set[Protocol] = set()
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
            welcome = self._loop.create_task(self._welcome(client))
            self._tasks.add(welcome)
            welcome.add_done_callback(self._tasks.discard)

    async def _welcome(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # he left, or there is no agreement on TLS
            await self._loop.connect_accepted_socket(
                self._connect, client, ssl=self._tls
            )

    def _connect(self) -> Protocol:
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
            await _pass(0.001)


class DeadPort:
    """A port that is taken and not listened on: connections are refused."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def stop(self) -> None:
        """Free the port."""
        self._socket.close()
