"""Bytes of a connection ⇄ HTTP/1.1 messages. Pure, but for the function that gives the bytes.

Nearly every answer is a plain one: a head that came whole, with one `Content-Length`. Such a head is read by one regular
expression, which takes a tenth of the time that a parser in Python takes. It knows nothing else: whatever is not
beyond doubt, be it a transfer coding, a second length, another version, a head in two pieces or a byte that no head should
have, goes to h11 from its first byte, which reads or refuses it. `tests/property/test_http1.py` checks that both say the same
of every plain answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import h11

Field = tuple[bytes, bytes]

LARGEST_HEAD: Final = 100 * 1024
"""Bytes of a head, or of a chunk's, beyond which nothing is read."""

_PLAIN_HEAD: Final = re.compile(
    rb"HTTP/1\.1 ([2-9][0-9][0-9]) ([\t -~]*)\r\n((?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\t -~]*\r\n)*)\r\n"
)
_WITHOUT_BODY: Final = frozenset({204, 304})
_CLOSED: Final = "Server disconnected without sending a response."


@dataclass(slots=True)
class Reply:
    """An answer; its body comes in pieces, as `content` is gone through.

    `reusable` is true once the answer was read whole and the connection may carry another request.
    """

    status: int
    reason: bytes
    headers: Sequence[Field]
    content: Iterable[bytes] = field(repr=False)
    reusable: bool = False


def request_head(method: bytes, place: bytes, fields: Iterable[Field]) -> bytes:
    """The head of a request; refuses a line break in any part, which would begin a line of its own."""
    lines = [b"%s %s HTTP/1.1" % (method, place), *[b"%s: %s" % it for it in fields], b"\r\n"]
    head = b"\r\n".join(lines)
    if head.count(b"\r") != len(lines) or head.count(b"\n") != len(lines):
        raise httpx.LocalProtocolError("a line break in the head of a request")
    return head


def read_reply(receive: Callable[[], bytes]) -> Reply:
    """The answer to a POST; `receive` gives the next bytes, or none at the end.

    Raises `httpx.RemoteProtocolError` for what is no answer, while `content` is gone through too.
    """
    first = receive()
    return _plain(first, receive) or _parsed(first, receive, b"POST")


def tunnel_reply(receive: Callable[[], bytes]) -> Reply:
    """The answer to a CONNECT, to which other rules apply."""
    return _parsed(receive(), receive, b"CONNECT")


def _plain(first: bytes, receive: Callable[[], bytes]) -> Reply | None:
    """The answer that begins so, if it is a plain one."""
    head = _PLAIN_HEAD.match(first)
    if head is None:
        return None
    headers = [
        (name, value.strip(b" \t"))
        for name, _, value in [line.partition(b":") for line in head[3].split(b"\r\n")[:-1]]
    ]
    length = _plain_length(headers)
    status = int(head[1])
    if length is None or status in _WITHOUT_BODY:
        return None
    begun = first[head.end() :]
    reply = Reply(status, head[2], headers, (begun[:length],), reusable=len(begun) == length)
    if len(begun) < length:
        reply.content = _counted(reply, begun, length, receive)
    return reply


def _plain_length(headers: Iterable[Field]) -> int | None:
    """The length that a plain head names; None where that, or whether the connection stays, takes more thought."""
    length = None
    for name, value in headers:
        known = name.lower()
        if known == b"content-length":
            if length is not None or not value.isdigit() or len(value) > 15:
                return None
            length = int(value)
        elif known == b"connection":
            if value.lower() != b"keep-alive":
                return None
        elif known in {b"transfer-encoding", b"upgrade"}:
            return None
    return length


def _counted(reply: Reply, begun: bytes, length: int, receive: Callable[[], bytes]) -> Iterator[bytes]:
    """A body of a known length of which so much is here; what comes after it makes the connection worthless."""
    left = length - len(begun)
    if begun:
        yield begun
    while left > 0:
        piece = receive()
        if not piece:
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {length - left} bytes, expected {length})"
            )
        yield piece[:left]
        left -= len(piece)
    reply.reusable = left == 0


def _parsed(first: bytes, receive: Callable[[], bytes], method: bytes) -> Reply:
    """The answer that begins so, read by h11."""
    import h11  # noqa: PLC0415 - few runs meet such an answer

    reading = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
    asked = [(b"Host", b"rpm"), *([] if method == b"CONNECT" else [(b"Content-Length", b"0")])]
    reading.send(h11.Request(method=method, target=b"rpm:443", headers=asked))
    reading.send(h11.EndOfMessage())
    events = _events(reading, first, receive)
    head = cast("h11.Response", next(it for it in events if not _announces(it)))
    reply = Reply(head.status_code, bytes(head.reason), head.headers.raw_items(), ())
    reply.content = _body(reply, reading, events)
    return reply


def _announces(event: h11.Event) -> bool:
    """Whether a head only says that the answer is still to come."""
    import h11  # noqa: PLC0415 - see above

    return isinstance(event, h11.InformationalResponse) and event.status_code != 101


def _events(reading: h11.Connection, first: bytes, receive: Callable[[], bytes]) -> Iterator[h11.Event]:
    """What h11 makes of the bytes, up to the end of the answer."""
    import h11  # noqa: PLC0415 - see above

    content = first
    while True:
        if not content and reading.their_state is h11.SEND_RESPONSE:
            raise httpx.RemoteProtocolError(_CLOSED)
        reading.receive_data(content)
        try:
            while (event := reading.next_event()) is not h11.NEED_DATA:
                if not isinstance(event, (h11.InformationalResponse, h11.Response, h11.Data)):
                    return
                yield event
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(str(error)) from error
        content = receive()


def _body(reply: Reply, reading: h11.Connection, events: Iterator[h11.Event]) -> Iterator[bytes]:
    """The data of an answer."""
    import h11  # noqa: PLC0415 - see above

    for event in events:
        if isinstance(event, h11.Data):
            yield bytes(event.data)
    whole = reading.our_state is h11.DONE and reading.their_state is h11.DONE
    reply.reusable = whole and not reading.trailing_data[0]
