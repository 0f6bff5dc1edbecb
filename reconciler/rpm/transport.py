"""The network side of httpx for RPM: connections that are kept, one for each call in flight, and a deadline for each call.

Nothing here follows a redirect, reads `.netrc`, takes a proxy or certificates from the environment, or sends anything
twice. httpx's own transport would hand each request to httpcore and h11, which was three fifths of a call's time with twenty in
flight: `http1` reads what is plain itself.
"""

from __future__ import annotations

import ssl
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

import certifi
import httpx

from reconciler.core.errors import InputError
from reconciler.core.machine import MachineLimit
from reconciler.core.text import counted, printable
from reconciler.rpm.dialing import NotConnected, Route, Stage, dial
from reconciler.rpm.http1 import read_reply, request_head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from reconciler.rpm.deadline import Stream
    from reconciler.rpm.endpoint import Address
    from reconciler.rpm.http1 import Reply
    from reconciler.rpm.proxy import Proxy

_IDLE_SECONDS: Final = 30.0
_PORTS: Final = {"http": 80, "https": 443}


class BoundedTransport(httpx.BaseTransport):
    """One for all threads. A request's extension `deadline` says when its call must be over, by the clock `now`."""

    def __init__(
        self,
        address: Address,
        now: Callable[[], float],
        *,
        proxy: Proxy | None = None,
        ca_file: Path | None = None,
        most: int | None = None,
    ) -> None:
        """No connection is made yet; `most` is how many connections RPM keeps open."""
        self.proxy = proxy
        url = httpx.URL(address.url)
        tls = tls_context(ca_file) if url.scheme == "https" else None
        self._route = Route(url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme], tls, proxy)
        self._now = now
        self._most = most
        self._room = threading.Semaphore(sys.maxsize if most is None else most)
        self._open: set[Stream] = set()
        self._idle: list[tuple[Stream, float]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and read the head of its answer; the body is read as it is asked for.

        Raises `NotConnected` where certainly nothing was sent, and other errors of httpx's where that is not known.
        """
        body = b"".join(cast("httpx.SyncByteStream", request.stream))
        deadline: float = request.extensions["deadline"]
        head = request_head(request.method.encode("ascii"), request.url.raw_path, request.headers.raw)
        stream = self._taken(deadline)
        try:
            reply = _exchanged(stream, head + body, deadline)
        except BaseException:
            self._drop(stream)
            raise
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(self, stream, reply))

    def _taken(self, deadline: float) -> Stream:
        """The connection that was given back last, which is the likeliest to live, or a new one."""
        while True:
            try:
                stream, since = self._idle.pop()
            except IndexError:
                break
            if self._now() - since < _IDLE_SECONDS and not stream.stale():
                return stream
            self._drop(stream)
        if not self._room.acquire(blocking=False):
            limit = _too_many(self._most or 0)
            raise NotConnected(Stage.REACH, httpx.ConnectError(limit.what)) from limit
        try:
            stream = dial(self._route, self._now, deadline)
        except BaseException:
            self._room.release()
            raise
        self._open.add(stream)
        return stream

    def give_back(self, stream: Stream, *, reusable: bool) -> None:
        """A call is over."""
        if reusable:
            self._idle.append((stream, self._now()))
        else:
            self._drop(stream)

    def _drop(self, stream: Stream) -> None:
        if stream in self._open:
            self._open.discard(stream)
            self._room.release()
        stream.close()

    def close(self) -> None:
        """Close every connection, those of calls in flight too."""
        for stream in list(self._open):
            self._drop(stream)


def _exchanged(stream: Stream, content: bytes, deadline: float) -> Reply:
    """Send a request in one piece and read the head of the answer, which may be there although nobody listened to the end."""
    with suppress(httpx.WriteError):
        stream.send(content, deadline)
    return read_reply(lambda: stream.receive(deadline))


def _too_many(most: int) -> MachineLimit:
    """One connection more than RPM keeps open was asked for."""
    what = f"the embedded RPM can open files for only {counted(most, 'connection')}"
    return MachineLimit(f"this machine's limits: {what}", advice="raise the limit (ulimit -n)")


class _Body(httpx.SyncByteStream):
    """An answer's bytes as they come; the connection is given back when it is closed."""

    def __init__(self, transport: BoundedTransport, stream: Stream, reply: Reply) -> None:
        self._transport = transport
        self._stream = stream
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._reply.content)

    def close(self) -> None:
        self._transport.give_back(self._stream, reusable=self._reply.reusable)


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Who is trusted: certifi's authorities, or those of a file instead; raises `InputError` where it has none.

    Nothing of the environment counts, neither `SSL_CERT_FILE` nor `SSLKEYLOGFILE`: `ssl.create_default_context` would open
    the latter, and fail where it cannot.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_verify_locations(cafile=ca_file or certifi.where())
    except OSError as error:  # which ssl.SSLError is, too
        why = "it contains no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise InputError(
            f"reading the certificates of {printable(str(ca_file or certifi.where()))}: {why}",
            advice="--ca-file or RPM_CA_FILE names a file of certificates in PEM form",
        ) from None
    return context
