"""Connections whose every operation ends by a deadline, which the caller names at each: a socket, and TLS over one.

A timeout of each read would not bound a call: a server that drips a byte now and then keeps it open for ever. Errors are
httpx's. A deadline is a point of the clock that the socket was given, in seconds.
"""

from __future__ import annotations

import select
import socket
import ssl
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

OVER: Final = "the call's time is over"
_PIECE: Final = 65_536
_LINUX: Final = sys.platform == "linux"
_ESTABLISHED: Final = 1  # TCP_ESTABLISHED of Linux's tcp_states.h
_TCP_INFO: Final = struct.Struct("=B127xQ")  # tcpi_state and tcpi_bytes_received of Linux's tcp.h


class Stream(Protocol):
    """Bytes both ways. Every method but `stale` and `close` raises an `httpx.TransportError`."""

    def send(self, content: bytes, deadline: float) -> None:
        """Send all of it."""

    def receive(self, deadline: float) -> bytes:
        """What has come, once something has; nothing when the other end has no more to say."""

    def stale(self) -> bool:
        """Whether the other end went away, or said something that nobody asked for."""

    def close(self) -> None:
        """Give it up, at once."""


class BoundedSocket:
    """A connected TCP socket.

    On Linux the kernel keeps the time, so that an operation is one system call. Python would keep a socket's timeout by a
    poll in front of every operation, and give the interpreter away at each, which twenty threads then queue for.
    """

    def __init__(self, connected: socket.socket, now: Callable[[], float]) -> None:
        """`now` is the clock of the deadlines."""
        self._socket = connected
        self._now = now
        self._granted = 0.0
        self._received = 0
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _LINUX:
            connected.settimeout(None)

    def send(self, content: bytes, deadline: float) -> None:
        """Send all of it."""
        self._grant(deadline)
        try:
            self._socket.sendall(content)
        except (BlockingIOError, TimeoutError):
            raise httpx.WriteTimeout(OVER) from None
        except OSError as error:
            raise httpx.WriteError(str(error)) from error

    def receive(self, deadline: float) -> bytes:
        """What has come, once something has; nothing at the end."""
        while True:
            self._grant(deadline)
            try:
                content = self._socket.recv(_PIECE)
            except (BlockingIOError, TimeoutError):
                continue  # what was granted is over, which may be before the deadline
            except OSError as error:
                raise httpx.ReadError(str(error)) from error
            self._received += len(content)
            return content

    def stale(self) -> bool:
        """Whether it ended, or holds what nobody asked for."""
        if not _LINUX:
            return bool(select.select([self._socket], [], [], 0)[0])
        said = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        if len(said) < _TCP_INFO.size:
            return said[0] != _ESTABLISHED
        state, received = _TCP_INFO.unpack(said)
        return bool(state != _ESTABLISHED or received > self._received)

    def close(self) -> None:
        """Give it up."""
        self._socket.close()

    def _grant(self, deadline: float) -> None:
        """Give an operation no more time than is left; raises when none is."""
        left = deadline - self._now()
        if left <= 0:
            raise httpx.ReadTimeout(OVER)
        if not _LINUX:
            self._socket.settimeout(left)
        elif not left / 2 < self._granted <= left:
            self._granted = 0.9 * left
            span = struct.pack("ll", *divmod(max(1, int(1_000_000 * self._granted)), 1_000_000))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, span)


class TlsStream:
    """TLS over another stream, which may be TLS itself.

    The records are taken apart in memory: a socket of Python's `ssl` asks the kernel for each record's head and body apart.
    """

    def __init__(self, inner: Stream, context: ssl.SSLContext, host: str, deadline: float) -> None:
        """Make sure who is there; raises `ssl.SSLError` where that fails."""
        self._inner = inner
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._pass_on(deadline)
                self._take(deadline)
            except ssl.SSLError:
                with suppress(httpx.TransportError):
                    self._pass_on(deadline)  # why not
                raise
            else:
                self._pass_on(deadline)
                return

    def send(self, content: bytes, deadline: float) -> None:
        """Send all of it."""
        self._tls.write(content)
        self._pass_on(deadline)

    def receive(self, deadline: float) -> bytes:
        """What has come, once something has; nothing at the end."""
        if not self._tls.pending() and not self._incoming.pending:
            self._take(deadline)
        while True:
            try:
                content = self._tls.read(_PIECE)
            except ssl.SSLWantReadError:
                self._pass_on(deadline)
                self._take(deadline)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            except ssl.SSLError as error:
                raise httpx.ReadError(str(error)) from error
            else:
                return content

    def stale(self) -> bool:
        """Whether it ended, or holds what nobody asked for."""
        return bool(self._tls.pending() or self._incoming.pending or self._inner.stale())

    def close(self) -> None:
        """Give it up."""
        self._inner.close()

    def _pass_on(self, deadline: float) -> None:
        """Send what TLS has to say."""
        if self._outgoing.pending:
            self._inner.send(self._outgoing.read(), deadline)

    def _take(self, deadline: float) -> None:
        """Let TLS have what comes next."""
        content = self._inner.receive(deadline)
        if content:
            self._incoming.write(content)
        else:
            self._incoming.write_eof()
