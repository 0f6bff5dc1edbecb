"""Steps of an exchange -> a real connection: uvicorn's own, with a way past HTTP to the socket under it."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox.faults import script

if TYPE_CHECKING:
    from collections.abc import MutableMapping

KEY: Final = "sandbox.connection"
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Connection(H11Protocol):
    """One connection; the application finds it in its scope and may break it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Hand this connection to the application with every request."""
        super().__init__(*arguments, **named)
        self._application: Any = self.app
        self.app = self._with_connection
        self.lost = asyncio.Event()

    async def _with_connection(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        scope[KEY] = self
        await self._application(scope, receive, send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept, unless the script strikes here (P0)."""
        super().connection_made(transport)
        self._plain_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio left it out here
        for fault in self._application.sandbox.script.strike("*", None, ("P0",)):
            match fault.action:
                case script.Reset():
                    self.reset()
                case script.Close():
                    transport.close()
                case script.Hang():
                    transport.pause_reading()
                case script.Delay(seconds):
                    transport.pause_reading()
                    self.loop.call_later(seconds, self._resume)

    def _resume(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let those waiting know."""
        super().connection_lost(exc)
        self.lost.set()

    def reset(self) -> None:
        """End with RST: what was not read by then is lost."""
        self._plain_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()

    @property
    def _plain_socket(self) -> socket.socket:
        plain: socket.socket = self.transport.get_extra_info("socket")
        return plain
