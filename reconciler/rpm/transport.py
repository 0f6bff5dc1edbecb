"""HTTP with a deadline for the whole call, over connections that are kept.

A read timeout alone does not bound a call: a server that drips a byte now and then keeps it open for ever. So every
socket operation gets at most what is left until the deadline that the calling thread set. Nothing here follows a
redirect, reads `.netrc` or takes certificates from the environment.

Each connection has a pool of its own, and a call takes the pool that was used last. In one pool for all, httpcore asks
every idle connection at each request and at each answer whether the other end is still there: a system call apiece, with
the interpreter held. With twenty in flight that was two fifths of a call.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import certifi
import httpcore
import httpx

from reconciler.core.errors import InputError
from reconciler.core.machine import MachineLimit
from reconciler.core.text import counted, printable
from reconciler.rpm.deadline import BoundedBackend, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reconciler.rpm.endpoint import Address
    from reconciler.rpm.proxy import Proxy


class NotConnected(httpx.TransportError):
    """No connection came about, so no byte of a request left; `stage` says how far it came."""

    def __init__(self, stage: Stage, error: httpx.TransportError) -> None:
        """Keep the words of the error that says why."""
        super().__init__(str(error))
        self.stage = stage


class _Deadline(threading.local):
    """When the calling thread's call must be over; no bound outside of a call."""

    at = float("inf")


class BoundedTransport(httpx.BaseTransport):
    """The httpx side of httpcore with our backend; one for all threads, with a connection for each call in flight."""

    def __init__(
        self,
        address: Address,
        now: Callable[[], float],
        *,
        proxy: Proxy | None = None,
        ca_file: Path | None = None,
        most: int | None = None,
    ) -> None:
        """No connection is made yet; `now` is the monotonic clock of the deadlines, `most` how many connections RPM holds."""
        self.proxy = proxy
        self._now = now
        self._deadline = _Deadline()
        self._tls = None if address.url.startswith("http:") else tls_context(ca_file)
        self._proxy = None if proxy is None else _dialled(proxy, self._tls)
        self._progress = Progress(*_stages(proxy, secure=self._tls is not None))
        self._most = most
        self._pools: list[httpcore.ConnectionPool] = []
        self._idle: list[httpcore.ConnectionPool] = []

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
        pool = self._taken()
        self._progress.reset()
        try:
            with _as_httpx():
                answer = pool.handle_request(outgoing)
        except httpx.TransportError as error:
            self._idle.append(pool)
            if self._progress.stage is not Stage.READY:
                raise NotConnected(self._progress.stage, error) from error
            raise
        except BaseException:
            self._idle.append(pool)
            raise
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer, lambda: self._idle.append(pool)),
            extensions=answer.extensions,
        )

    def _taken(self) -> httpcore.ConnectionPool:
        """The pool that was given back last, whose connection is the likeliest to live, or a new one."""
        try:
            return self._idle.pop()
        except IndexError:
            if self._most is not None and len(self._pools) >= self._most:
                limit = _too_many(self._most)
                raise NotConnected(Stage.REACH, httpx.ConnectError(limit.what)) from limit
            pool = httpcore.ConnectionPool(
                ssl_context=self._tls,
                proxy=self._proxy,
                max_connections=1,
                keepalive_expiry=30.0,
                network_backend=BoundedBackend(self._left, self._progress),
            )
            self._pools.append(pool)
            return pool

    def close(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            pool.close()


def _too_many(most: int) -> MachineLimit:
    """One connection more than RPM holds was asked for."""
    what = f"the embedded RPM can open files for {counted(most, 'connection')} alone"
    return MachineLimit(f"this machine's limits: {what}", advice="raise the limit (ulimit -n)")


class _Body(httpx.SyncByteStream):
    """An answer's bytes as they come, errors in httpx's words."""

    def __init__(self, answer: httpcore.Response, give_back: Callable[[], None]) -> None:
        self._answer = answer
        self._give_back = give_back

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        try:
            with _as_httpx():
                self._answer.close()
        finally:
            self._give_back()


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


def _stages(proxy: Proxy | None, *, secure: bool) -> tuple[Stage, ...]:
    """What a new connection goes through."""
    if proxy is None:
        return (Stage.REACH, *([Stage.SECURE] if secure else []))
    reach = [Stage.REACH_PROXY] * (2 if proxy.scheme == "https" else 1)
    return (*reach, Stage.TUNNEL, Stage.SECURE)


def _dialled(proxy: Proxy, tls: ssl.SSLContext | None) -> httpcore.Proxy:
    """The proxy as httpcore dials it; its credentials go to it alone, in front of the tunnel."""
    headers: list[tuple[bytes | str, bytes | str]] = []
    if proxy.authorization:
        headers.append(("Proxy-Authorization", proxy.authorization))
    return httpcore.Proxy(proxy.url, headers=headers, ssl_context=tls if proxy.scheme == "https" else None)


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Who is trusted: certifi's authorities, or those of a file instead; raises `InputError` where it has none.

    Nothing of the environment counts, neither `SSL_CERT_FILE` nor `SSLKEYLOGFILE`: `ssl.create_default_context` would open
    the latter, and fail where it cannot.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=ca_file or certifi.where())
    except OSError as error:  # which ssl.SSLError is, too
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise InputError(
            f"reading the certificates of {printable(str(ca_file or certifi.where()))}: {why}",
            advice="--ca-file or RPM_CA_FILE names a file of certificates in PEM form",
        ) from None
    return context
