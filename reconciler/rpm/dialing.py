"""The way to RPM -> a connection on which a request may be sent: TCP, a proxy's tunnel, TLS, whichever the way has.

No byte of a request leaves before the last stage is over, so what fails here certainly did not happen.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import httpx

from reconciler.rpm.deadline import OVER, BoundedSocket, Stream, TlsStream
from reconciler.rpm.http1 import request_head, tunnel_reply

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from reconciler.rpm.proxy import Proxy

_CONNECT_SECONDS: Final = 5.0


class Stage(Enum):
    """How far a connection came."""

    REACH = "reaching the host"
    REACH_PROXY = "reaching the proxy"
    TUNNEL = "asking the proxy to connect"
    SECURE = "the TLS handshake with the host"


class NotConnected(httpx.TransportError):
    """No connection came about, so no byte of a request left; `stage` is the one that failed."""

    def __init__(self, stage: Stage, error: Exception) -> None:
        """Keep the words of the error that says why."""
        super().__init__(str(error))
        self.stage = stage


@dataclass(frozen=True, slots=True)
class Route:
    """Whom to dial: the host of RPM, with TLS unless it is loopback, and the proxy in front of it, if there is one."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    proxy: Proxy | None = None


def dial(route: Route, now: Callable[[], float], deadline: float) -> Stream:
    """A connection that is ready for a request; raises `NotConnected`. A connect gets five seconds at most."""
    proxy = route.proxy
    near = (route.host, route.port) if proxy is None else (proxy.host, proxy.port)
    stage = Stage.REACH if proxy is None else Stage.REACH_PROXY
    with ExitStack() as given_up:
        try:
            stream: Stream = BoundedSocket(_connected(near, deadline - now()), now)
            given_up.callback(stream.close)
            if proxy is not None:
                if proxy.scheme == "https" and route.tls is not None:
                    stream = TlsStream(stream, route.tls, proxy.host, deadline)
                stage = Stage.TUNNEL
                _open_tunnel(stream, route, proxy, deadline)
            stage = Stage.SECURE
            if route.tls is not None:
                stream = TlsStream(stream, route.tls, route.host, deadline)
        except (httpx.TransportError, OSError, UnicodeError) as error:
            raise NotConnected(stage, error) from error
        given_up.pop_all()
        return stream


def _connected(near: tuple[str, int], left: float) -> socket.socket:
    """A TCP connection."""
    if left <= 0:
        raise httpx.ConnectTimeout(OVER)
    return socket.create_connection(near, min(left, _CONNECT_SECONDS))


def _open_tunnel(stream: Stream, route: Route, proxy: Proxy, deadline: float) -> None:
    """Have the proxy connect to the host; what it answers is nobody's but the proxy's."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    place = f"{host}:{route.port}".encode()
    fields = [(b"Host", place), (b"Accept", b"*/*")]
    if proxy.authorization:
        fields.append((b"Proxy-Authorization", proxy.authorization.encode()))
    stream.send(request_head(b"CONNECT", place, fields), deadline)
    reply = tunnel_reply(lambda: stream.receive(deadline))
    if not 200 <= reply.status <= 299:
        raise httpx.ProxyError(f"{reply.status} {reply.reason.decode('ascii', errors='ignore')}")
