"""Connections that are kept, on a real socket, with TLS and without: when one is used again, and when it must not be."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from reconciler.core.clock import Clock
from reconciler.rpm.client import Bounds, Client
from reconciler.rpm.endpoint import settle
from reconciler.rpm.errors import Lost, NotSent
from reconciler.rpm.http1 import request_head
from reconciler.rpm.key import ApiKey
from reconciler.rpm.transport import BoundedTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OK = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"Result":{}}'
CLOSING = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


@dataclass
class Far:
    """A server of this process: each request gets what `say` sends, and a connection lasts while that is true."""

    say: Callable[[socket.socket], bool]
    tls: ssl.SSLContext | None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.connections += 1
                threading.Thread(target=self._meet, args=(client,), daemon=True).start()

    def _meet(self, client: socket.socket) -> None:
        with suppress(OSError):
            near = self.tls.wrap_socket(client, server_side=True) if self.tls else client
            with near:
                while request := near.recv(65_536):
                    self.requests.append(request)
                    if not self.say(near):
                        return


@cache
def authority() -> trustme.CA:
    """One for all tests; a key takes a while to make."""
    return trustme.CA()


@contextmanager
def talking(
    say: Callable[[socket.socket], bool], place: Path, *, secure: bool, timeout: float = 20.0
) -> Iterator[tuple[Far, Callable[[], object]]]:
    """A server that says so, and a call to it."""
    tls, ca_file = None, None
    if secure:
        tls, ca_file = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), place / "ca.pem"
        authority().issue_cert("localhost").configure_cert(tls)
        authority().cert_pem.write_to_path(str(ca_file))
    far = Far(say, tls)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=far.accept, args=(listener,), daemon=True).start()
    scheme = "https" if secure else "http"
    address = settle(f"{scheme}://localhost:{listener.getsockname()[1]}/", from_file=False)
    clock = Clock()
    transport = BoundedTransport(address, clock.monotonic, ca_file=ca_file)
    client = Client(address, ApiKey("k"), transport, Bounds(timeout), clock)
    yield far, lambda: client.call("Info", {}, subject="")
    client.close()
    listener.close()


BOTH_WAYS = pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])


@BOTH_WAYS
@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        pytest.param([OK], 1, id="whole"),
        pytest.param([OK[:-13], OK[-13:]], 1, id="head and body apart"),
        pytest.param([OK[:9], OK[9:]], 1, id="a head in two pieces"),
        pytest.param([CLOSING], 3, id="that closes"),
        pytest.param([OK.replace(b"1.1", b"1.0", 1)], 3, id="of an older server"),
        pytest.param([OK + OK], 3, id="with another behind it"),
    ],
)
def test_one_connection_for_calls_one_after_the_other(
    answer: list[bytes], connections: int, tmp_path: Path, *, secure: bool
) -> None:
    """Unless the answer ends it, or more came than was asked for."""

    def say(near: socket.socket) -> bool:
        for piece in answer:
            near.sendall(piece)
            time.sleep(0.02)
        return True

    with talking(say, tmp_path, secure=secure) as (far, call):
        for _ in range(3):
            call()
        assert (far.connections, len(far.requests)) == (connections, 3)


@BOTH_WAYS
@pytest.mark.parametrize("late", [b"", OK], ids=["nothing", "an answer"])
def test_what_nobody_asked_for_is_no_answer(late: bytes, tmp_path: Path, *, secure: bool) -> None:
    """A connection that the server left, or spoke on, while it was idle carries no other request; nothing is sent twice."""
    done = threading.Event()

    def say(near: socket.socket) -> bool:
        near.sendall(OK)
        if late:
            time.sleep(0.05)
            near.sendall(late)
        threading.Timer(0.05, done.set).start()
        return bool(late)

    with talking(say, tmp_path, secure=secure) as (far, call):
        for count in (1, 2):
            done.clear()
            call()
            done.wait(5)
            time.sleep(0.05)
            assert (far.connections, len(far.requests)) == (count, count)


@BOTH_WAYS
def test_a_drip_ends_with_the_call(tmp_path: Path, *, secure: bool) -> None:
    """Each byte comes in time and the whole does not."""

    def say(near: socket.socket) -> bool:
        for byte in OK:
            near.sendall(bytes([byte]))
            time.sleep(0.1)
        return True

    with talking(say, tmp_path, secure=secure, timeout=0.6) as (far, call):
        start = time.monotonic()
        with pytest.raises(Lost, match=r"no whole answer within 0\.6 s"):
            call()
        assert 0.5 < time.monotonic() - start < 3.0
        assert len(far.requests) == 1


@BOTH_WAYS
def test_a_call_cut_off_is_unknown_and_not_sent_again(tmp_path: Path, *, secure: bool) -> None:
    """On a new connection and on a kept one: the request may have been carried out."""
    answers = [b"", OK, OK[:-1], OK]

    def say(near: socket.socket) -> bool:
        answer = answers.pop(0)
        near.sendall(answer)
        return answer == OK

    with talking(say, tmp_path, secure=secure) as (far, call):
        for outcome in ("lost", "answer", "lost", "answer"):
            if outcome == "answer":
                call()
                continue
            with pytest.raises(Lost, match="the connection broke"):
                call()
        assert (far.connections, len(far.requests)) == (3, 4)


def test_a_handshake_that_stalls_sent_nothing(tmp_path: Path) -> None:
    """A server that speaks no TLS got no byte of the request, and that is known."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        authority().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        address = settle(f"https://localhost:{silent.getsockname()[1]}/", from_file=False)
        clock = Clock()
        transport = BoundedTransport(address, clock.monotonic, ca_file=tmp_path / "ca.pem")
        client = Client(address, ApiKey("k"), transport, Bounds(0.5), clock)
        with pytest.raises(NotSent, match="the call's time is over"):
            client.call("Info", {}, subject="")
        assert client.calls == 0
        client.close()


@pytest.mark.parametrize("part", ["place", "name", "value"])
@pytest.mark.parametrize("broken", [b"a\r\nRpmApiKey: x", b"a\nb", b"a\rb"])
def test_no_line_break_gets_into_a_head(part: str, broken: bytes) -> None:
    """It would begin a line of its own, or another request."""
    fields = [(broken if part == "name" else b"Accept", broken if part == "value" else b"x")]
    with pytest.raises(httpx.LocalProtocolError):
        request_head(b"POST", broken if part == "place" else b"/", fields)
