"""One conversation of an SMTP server with a client, well behaved or not."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.harness.mail.misbehaviour import CONNECT, Misbehaviour


class SMTPProtocol(SMTP):
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
        self.misbehaved = False
        #: Whether the client has left.
        self.client_left = False
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
        self.client_left = True
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Note that the client has left; who was never greeted, aiosmtpd keeps."""
        self.client_left = True
        return super().eof_received()

    async def push(self, status: Any) -> None:
        """Answer, unless it is time to misbehave."""
        fault = self._misbehaviour
        self._strikes_on |= self._strikes_next(str(status))
        self._answers += 1
        if fault and self._strikes_on:
            self.misbehaved = True
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
                await pass_time(fault.interval)
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


async def pass_time(seconds: float) -> None:
    """Let time pass without blocking the other connections."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, done.set)
    await done.wait()
