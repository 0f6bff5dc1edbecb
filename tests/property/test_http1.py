"""Our reading of a plain answer says what h11 says of the same bytes, in whatever pieces they come; the rest is h11's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.rpm import http1
from tests.kit.profile import tries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.rpm.http1 import Reply

Heard = tuple[int, bytes, list[tuple[bytes, bytes]], bytes, bool] | str
"""Status, reason, headers, body, whether the connection may go on; or the words of a refusal."""

BODY = b'{"Result": {"Customers": []}}'
STATUS = st.sampled_from(
    ["HTTP/1.1 200 OK", "HTTP/1.1 200 ", "HTTP/1.1 200", "HTTP/1.0 200 OK", "HTTP/1.1 204 No", "HTTP/1.1 503 Later",
     "HTTP/1.1 999 \x1b[31m", "HTTP/1.1 100 Continue", "HTTP/2 200 OK", "HTTP/1.1 2OO OK", "http/1.1 200 OK", ""],
)  # fmt: skip
FIELD = st.sampled_from(
    ["Date: Sat, 28 Nov 2026 05:00:00 GMT", "Content-Type:application/json", "X:", "X: \t a \t", "x-y: \xe9", "X : a",
     " folded", "no colon", "X: a\x00b", "Connection: close", "Connection: Keep-Alive", "connection: upgrade", "Upgrade: h2c",
     "Transfer-Encoding: chunked", "Content-Encoding: gzip", "Content-Length: 29", "content-length: 29", "Content-Length: 30",
     "Content-Length: 7", "Content-Length: -1", "Content-Length: 29, 29", "Content-Length: 00029", "Content-Length: \xb2",
     "Content-Length: 99999999999999999999999", "Content-Length:"],
)  # fmt: skip
FIELDS = st.lists(FIELD, max_size=5).map(lambda fields: [*fields, "Content-Length: 29"]) | st.lists(
    FIELD, max_size=5
)
ENDS = st.sampled_from(["\r\n", "\r\n", "\r\n", "\n"])
BEHIND = st.sampled_from([b"", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"\r\n", b"0\r\n\r\n"])


@st.composite
def answers(draw: st.DrawFn) -> list[bytes]:
    """Bytes of a connection in pieces: mostly an answer, perhaps cut, with one byte changed or more behind it."""
    end = draw(ENDS)
    content = end.join([draw(STATUS), *draw(FIELDS), "", ""]).encode("latin-1") + BODY + draw(BEHIND)
    if draw(st.booleans()):
        place = draw(st.integers(0, len(content) - 1))
        content = content[:place] + draw(st.binary(max_size=2)) + content[place + 1 :]
    content = content[: draw(st.just(len(content)) | st.integers(0, len(content)))]
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=3)))
    pieces = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    return [piece for piece in pieces if piece]


def heard(pieces: Sequence[bytes], *, by_h11: bool) -> Heard:
    """What is made of the pieces of a connection that ends behind them."""
    coming = iter(pieces)

    def receive() -> bytes:
        return next(coming, b"")

    try:
        reply: Reply = http1._parsed(receive(), receive, b"POST") if by_h11 else http1.read_reply(receive)
        body = b"".join(reply.content)
    except httpx.RemoteProtocolError as error:
        return str(error)
    return reply.status, reply.reason, list(reply.headers), body, reply.reusable


@settings(max_examples=tries(short=300, long=5000))
@given(answers())
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", b"cdeHTTP/1.1 200 OK\r\n"])
@example([b"HTTP/1.1 204 No\r\nContent-Length: 2\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"])
def test_both_readers_say_the_same(pieces: list[bytes]) -> None:
    """Of any bytes: what is taken from them, and whether another request may follow."""
    assert heard(pieces, by_h11=False) == heard(pieces, by_h11=True)


def test_a_plain_answer_is_read_without_h11() -> None:
    """Whole or with its body in pieces, and with what servers and proxies commonly add."""
    head = b"HTTP/1.1 200 OK\r\nDate: x\r\nConnection: keep-alive\r\nContent-Length: 29\r\n\r\n"
    for pieces in ([head + BODY], [head, BODY], [head + BODY[:3], BODY[3:]]):
        rest = iter(pieces[1:])
        reply = http1._plain(pieces[0], partial(next, rest, b""))
        assert reply is not None
        assert b"".join(reply.content) == BODY
        assert reply.reusable


def test_bytes_behind_an_answer_end_its_connection() -> None:
    """They would be taken for the answer to the next request."""
    for framing in (
        b"Content-Length: 2\r\n\r\n{}",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ):
        answer = b"HTTP/1.1 200 OK\r\n" + framing
        assert heard([answer], by_h11=False)[3:] == (b"{}", True)
        assert heard([answer + b"HTTP/1.1 200 OK"], by_h11=False)[3:] == (b"{}", False)


def test_a_head_of_spaces_takes_no_time() -> None:
    """Reading a head is linear in its length: this would take hours if it were not."""
    spaces = b" " * 60_000
    assert http1._plain(b"HTTP/1.1 200 OK\r\nX:" + spaces + b"\x00\r\n\r\n", bytes) is None
    assert http1._plain(b"HTTP/1.1 200 OK\r\n" + b"a:\r\n" * 15_000, bytes) is None
