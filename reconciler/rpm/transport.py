"""HTTP with a deadline for the whole call, over one pool of connections.

A read timeout alone does not bound a call: a server that drips a byte now and then keeps it open for ever. So every
socket operation gets at most what is left until the deadline that the calling thread set. Nothing here follows a
redirect, reads `.netrc` or takes certificates from the environment.
"""

from __future__ import annotations

import socket
import ssl
import struct
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import certifi
import httpcore
import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reconciler.rpm.address import Address

_CONNECT_SECONDS: Final = 5.0
_ESTABLISHED: Final = 1  # TCP_ESTABLISHED of Linux's tcp_states.h


class _Deadline(threading.local):
    """When the calling thread's call must be over; no bound outside of a call."""

    at = float("inf")


class _BoundedStream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline of the thread that uses it.

    What is written goes out when an answer is waited for, head and body in one packet: httpcore writes them
    one after the other, and each is a system call, which costs as much as all the rest of a call.
    """

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[float | None], float | None]) -> None:
        self._inner = inner
        self._left = left
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
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left(timeout))
        return _BoundedStream(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _PlainStream(_BoundedStream):
    """The same without TLS, which only loopback gets: the kernel keeps the time, and an operation is one system call.

    Python keeps a socket's timeout by a poll in front of every operation, and httpcore polls idle connections to see
    whether the other end is still there. Each of those gives the interpreter away, which twenty threads then queue
    for: without them a full read of the sandbox takes half the time.
    """

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[float | None], float | None]) -> None:
        super().__init__(inner, left)
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


class _BoundedBackend(httpcore.NetworkBackend):
    """Plain sockets, bounded; a connect gets five seconds of the deadline at most."""

    def __init__(self, left: Callable[[float | None], float | None]) -> None:
        self._inner = httpcore.SyncBackend()
        self._left = left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        bound = self._left(min(timeout or _CONNECT_SECONDS, _CONNECT_SECONDS))
        inner = self._inner.connect_tcp(host, port, bound, local_address, socket_options)
        kind = _PlainStream if sys.platform == "linux" else _BoundedStream
        return kind(inner, self._left)


class BoundedTransport(httpx.BaseTransport):
    """The httpx side of an httpcore pool with our backend; one for all threads."""

    def __init__(self, address: Address, parallel: int, proxy: str | None, now: Callable[[], float]) -> None:
        """At most `parallel` connections, all kept; `now` is the monotonic clock of the deadlines."""
        self._now = now
        self._deadline = _Deadline()
        tls = None if address.url.startswith("http:") else tls_context()
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            proxy=None if proxy is None else httpcore.Proxy(proxy),
            max_connections=parallel,
            max_keepalive_connections=parallel,
            keepalive_expiry=30.0,
            network_backend=_BoundedBackend(self._left),
        )

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Bound everything this thread does inside by a point in monotonic time."""
        self._deadline.at = deadline
        try:
            yield
        finally:
            self._deadline.at = float("inf")

    def _left(self, timeout: float | None) -> float | None:
        """What is left for one socket operation, in seconds."""
        left = self._deadline.at - self._now()
        if left <= 0:
            raise httpcore.ReadTimeout("the call's time is over")
        return left if timeout is None else min(timeout, left)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the answer is streamed."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        outgoing = httpcore.Request(
            method=request.method,
            url=url,
            headers=request.headers.raw,
            content=request.stream,
            extensions=dict(request.extensions),
        )
        with _as_httpx():
            answer = self._pool.handle_request(outgoing)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """An answer's bytes as they come, errors in httpx's words."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _as_httpx():
            self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Httpcore and httpx name their errors alike; httpx's own transport maps them the same way."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _named(error)(str(error)) from error
    except (httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
        raise _named(error)(str(error)) from error


def _named(error: Exception) -> type[httpx.TransportError]:
    """The httpx class with the name of an httpcore error."""
    kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__, httpx.TransportError)
    return kind


def tls_context() -> ssl.SSLContext:
    """Certificates of certifi alone; `SSLKEYLOGFILE`, which Python would obey, is not."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.keylog_filename = None  # type: ignore[assignment]  # typeshed wants a path; None switches it off
    return context
