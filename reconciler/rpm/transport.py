"""HTTP with a deadline for the whole call, over one pool of connections.

A read timeout alone does not bound a call: a server that drips a byte now and then keeps it open for ever. So every
socket operation gets at most what is left until the deadline that the calling thread set. Nothing here follows a
redirect, reads `.netrc` or takes certificates from the environment.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import certifi
import httpcore
import httpx

from reconciler.rpm.streams import BoundedBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reconciler.rpm.address import Address


class _Deadline(threading.local):
    """When the calling thread's call must be over; no bound outside of a call."""

    at = float("inf")


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
            network_backend=BoundedBackend(self._left),
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
