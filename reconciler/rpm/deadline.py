"""Connections whose every operation ends by a deadline: the network side of the transport.

Each gets a function that says how much of a wished time is left, and raises when nothing is. Errors are httpcore's.
"""

from __future__ import annotations

import socket
import struct
import sys
import threading
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable

_CONNECT_SECONDS: Final = 5.0
_ESTABLISHED: Final = 1  # TCP_ESTABLISHED of Linux's tcp_states.h


class Stage(Enum):
    """How far a connection is; a request leaves when it is `READY`, and not before."""

    REACH = "reaching the host"
    REACH_PROXY = "reaching the proxy"
    TUNNEL = "asking the proxy to connect"
    SECURE = "the TLS handshake with the host"
    READY = "ready"


class Progress(threading.local):
    """How far the connection of the calling thread's call is; a kept connection is ready from the start."""

    def __init__(self, *stages: Stage) -> None:
        """The stages of a new connection, in order."""
        self._stages = (*stages, Stage.READY)
        self.reset()

    @property
    def stage(self) -> Stage:
        """The stage that is not over yet."""
        return self._stages[self._at]

    def reset(self) -> None:
        """A call begins, perhaps on a kept connection."""
        self._at = len(self._stages) - 1

    def begin(self) -> None:
        """A new connection is begun."""
        self._at = 0

    def handshake(self) -> None:
        """A TLS handshake is begun, so the tunnel before it stands."""
        if self.stage is Stage.TUNNEL:
            self._at += 1

    def advance(self) -> None:
        """The stage is over."""
        self._at += 1


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline of the thread that uses it.

    What is written goes out when an answer is waited for, head and body in one packet: httpcore writes them
    one after the other, and each is a system call, which costs as much as all the rest of a call.
    """

    def __init__(
        self, inner: httpcore.NetworkStream, left: Callable[[float | None], float | None], progress: Progress
    ) -> None:
        self._inner = inner
        self._left = left
        self._progress = progress
        self._outgoing = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._outgoing:
            outgoing, self._outgoing = self._outgoing, b""
            with suppress(httpcore.WriteError):  # as httpcore: an answer may be there although nobody listens
                self._send(outgoing, timeout)
        return self._receive(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._left(timeout)
        self._outgoing += buffer

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        return self._inner.read(max_bytes, self._left(timeout))

    def _send(self, outgoing: bytes, timeout: float | None) -> None:
        self._inner.write(outgoing, self._left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._progress.handshake()
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        self._progress.advance()
        return _BoundedStream(inner, self._left, self._progress)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _PlainStream(_BoundedStream):
    """The same without TLS, which only loopback gets: the kernel keeps the time, and an operation is one system call.

    Python keeps a socket's timeout by a poll in front of every operation, and httpcore polls idle connections to see
    whether the other end is still there. Each of those gives the interpreter away, which twenty threads then queue
    for: without them a full read of the sandbox takes half the time.
    """

    def __init__(
        self, inner: httpcore.NetworkStream, left: Callable[[float | None], float | None], progress: Progress
    ) -> None:
        super().__init__(inner, left, progress)
        self._socket: socket.socket = inner.get_extra_info("socket")
        self._socket.settimeout(None)
        self._granted = 0.0

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # asked of an idle connection: an end that has gone away
            state: bytes = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
            return state[0] != _ESTABLISHED
        return self._inner.get_extra_info(info)

    def _receive(self, max_bytes: int, timeout: float | None) -> bytes:
        while True:
            self._grant(timeout)
            try:
                return self._socket.recv(max_bytes)
            except BlockingIOError:  # what was granted is over, which may be earlier than the deadline
                continue
            except OSError as error:
                raise httpcore.ReadError(str(error)) from error

    def _send(self, outgoing: bytes, timeout: float | None) -> None:
        self._grant(timeout)
        try:
            self._socket.sendall(outgoing)
        except BlockingIOError as error:
            raise httpcore.WriteTimeout("the call's time is over") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def _grant(self, timeout: float | None) -> None:
        """Have the kernel give an operation no more time than is left; raises when none is."""
        left = self._left(timeout) or 0.0
        if not left / 2 < self._granted <= left:
            self._granted = 0.9 * left
            microseconds = max(1, int(1_000_000 * self._granted))
            span = struct.pack("ll", *divmod(microseconds, 1_000_000))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, span)


class BoundedBackend(httpcore.NetworkBackend):
    """Plain sockets, bounded; a connect gets five seconds of the deadline at most.

    `progress` is told how far each connection is.
    """

    def __init__(self, left: Callable[[float | None], float | None], progress: Progress) -> None:
        self._inner = httpcore.SyncBackend()
        self._left = left
        self._progress = progress

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect, without TLS yet."""
        self._progress.begin()
        bound = self._left(min(timeout or _CONNECT_SECONDS, _CONNECT_SECONDS))
        inner = self._inner.connect_tcp(host, port, bound, local_address, socket_options)
        self._progress.advance()
        kind = _PlainStream if sys.platform == "linux" else _BoundedStream
        return kind(inner, self._left, self._progress)
