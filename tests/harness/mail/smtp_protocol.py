"""The SMTP server's side of one connection, well behaved or not."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.harness.mail.misbehaviour import CONNECT, Misbehaviour


class SMTPProtocol(SMTP):
    """aiosmtpd's protocol, which also records what it receives and can misbehave."""

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
        self._replies = 0
        self._misbehaves = False
        #: Whether it has misbehaved.
        self.misbehaved = False
        #: Whether the client has closed the connection.
        self.client_left = False
        for command, method in list(self._smtp_methods.items()):
            self._smtp_methods[command] = self._recording(command, method)

    def _recording(self, command: str, method: Any) -> Any:
        """Wrap a command's method to record which command is being replied to."""

        async def recorded(arg: str | None) -> None:
            self._at = command
            await method(arg)

        # aiosmtpd reads its help texts from attributes of the methods.
        recorded.__dict__.update(method.__dict__)
        return recorded

    @property
    def encrypted(self) -> bool:
        """Whether the connection uses TLS now."""
        transport = self.transport
        return transport is not None and bool(transport.get_extra_info("sslcontext"))

    def data_received(self, data: bytes) -> None:
        """Record what the client sent, after decryption."""
        self._received(data, self.encrypted)
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Record that the client has left."""
        self.client_left = True
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Record that the client has left.

        aiosmtpd does not close the connection of a client that it has not greeted.
        """
        self.client_left = True
        return super().eof_received()

    async def push(self, status: Any) -> None:
        """Send a reply, or misbehave."""
        fault = self._misbehaviour
        self._misbehaves |= self._misbehaves_at(str(status))
        self._replies += 1
        if not (fault and self._misbehaves):
            await super().push(status)
            return
        self.misbehaved = True
        if fault.silent or fault.hang_up:
            if fault.hang_up:
                self._writer.close()
            await asyncio.Event().wait()  # until the connection or the server ends
        elif fault.interval is not None:
            for byte in str(status).encode() + b"\r\n":
                self._writer.write(bytes([byte]))
                await self._writer.drain()
                await asyncio.sleep(fault.interval)
        else:
            self._misbehaves = False
            await super().push(str(fault.reply))

    def breaks_next_reply(self) -> bool:
        """Return whether the client will not get the next reply as it is."""
        fault = self._misbehaviour
        return fault is not None and fault.interval is None and self._misbehaves_at()

    def _misbehaves_at(self, status: str = "") -> bool:
        """Return whether the misbehaviour starts at this reply."""
        fault = self._misbehaviour
        if fault is None or isinstance(fault.at, int):
            return fault is not None and fault.at == self._replies + 1
        # 354 asks for the text of the mail; the reply to DATA comes after it.
        return self._at == fault.at and not (
            self._at == "DATA" and status.startswith("354")
        )
