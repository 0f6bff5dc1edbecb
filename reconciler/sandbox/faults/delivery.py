"""An answer and the faults inside its sending (P4, P5) -> the steps that send it; answers that the script made up."""

from __future__ import annotations

import base64
import http
from typing import TYPE_CHECKING, Final

from reconciler.sandbox.faults import script
from reconciler.sandbox.faults.corruption import garbled, rewritten
from reconciler.sandbox.faults.steps import ENDINGS, Bytes, Pause, Send
from reconciler.sandbox.service import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from reconciler.sandbox.faults.steps import Step

_STATUSES: Final = frozenset(status.value for status in http.HTTPStatus if status.value >= 200)


def delivered(
    answer: Answer, in_head: Sequence[script.Action], in_body: Sequence[script.Action]
) -> Iterator[Step]:
    """Send the answer as the faults have it; whole, if none of them is about its bytes."""
    for action in in_body:
        if isinstance(action, script.Garble):
            answer = garbled(answer, action)
        elif isinstance(action, script.Rewrite):
            answer = rewritten(answer, action)
    framing = next((one.framing for one in in_body if isinstance(one, script.Frame)), "length")
    drip = next((one for one in in_body if isinstance(one, script.Drip)), None)
    stops = [one for one in in_body if isinstance(one, (*ENDINGS, script.Delay))]
    if framing == "length" and not drip and not stops and not in_head:
        yield Send(answer)
        return
    content = _framed(answer.body, framing)
    if (yield from _halting(_head(answer, framing), in_head)):
        return
    if drip:
        yield from _dripping(content, drip)
    elif (yield from _halting(content, stops)):
        return
    yield script.Close()


def made_up(reply: script.Reply, dated: Callable[[Answer], Answer]) -> Iterator[Step]:
    """Send an answer of the script's own; as bytes where HTTP has no word for its status."""
    body = base64.b64decode(reply.base64) if reply.base64 else reply.body.encode()
    answer = dated(Answer(reply.status, tuple(reply.headers.items()), body))
    if not reply.reason and answer.status in _STATUSES:
        yield Send(answer)
    else:
        yield Bytes(_head(answer, "length", reply.reason) + answer.body)
        yield script.Close()


def _halting(content: bytes, actions: Sequence[script.Action]) -> Generator[Step, None, bool]:
    """Send the bytes with what happens halfway; whether that was the end."""
    half = len(content) // 2 if actions else len(content)
    yield Bytes(content[:half])
    for action in actions:
        if isinstance(action, script.Delay):
            yield Pause(action.seconds)
        elif isinstance(action, ENDINGS):
            yield action
            return True
    yield Bytes(content[half:])
    return False


def _dripping(content: bytes, drip: script.Drip) -> Iterator[Step]:
    for start in range(0, len(content), drip.bytes):
        yield Bytes(content[start : start + drip.bytes])
        yield Pause(drip.seconds)


def _head(answer: Answer, framing: str, reason: str = "") -> bytes:
    phrase = reason or (http.HTTPStatus(answer.status).phrase if answer.status in _STATUSES else "")
    lengths = {
        "length": f"Content-Length: {len(answer.body)}\r\n",
        "chunked": "Transfer-Encoding: chunked\r\n",
    }
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers) + lengths.get(framing, "")
    return f"HTTP/1.1 {answer.status} {phrase}\r\n{headers}Connection: close\r\n\r\n".encode("latin-1")


def _framed(body: bytes, framing: str) -> bytes:
    if framing != "chunked":
        return body
    third = max(1, len(body) // 3)
    chunks = [body[start : start + third] for start in range(0, len(body), third)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
