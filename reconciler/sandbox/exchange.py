"""One API call under the fault script -> the steps that its connection takes, in order.

The sequence is lazy: what the steps wait for (a commit after a pause) happens when they are drawn, so
the same generator serves real sockets, where a pause is slept, and a simulation, where it is a
number added to a clock. A caller that loses interest after `Reset`, `Close` or `Hang` must still draw the rest, at its
time: the server goes on even when the client has gone.
"""

from __future__ import annotations

import base64
import http
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.sandbox import faults, hand
from reconciler.sandbox.call import Keep
from reconciler.sandbox.garbling import garbled, rewritten
from reconciler.sandbox.service import EDITING, Answer, asked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from reconciler.sandbox.faults import Fault, Point
    from reconciler.sandbox.service import Asked, Sandbox


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send a whole, well-formed answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Bytes:
    """Send these bytes as they are."""

    content: bytes


Ending = faults.Reset | faults.Close | faults.Hang
Step = Pause | Send | Bytes | Ending
_LATER: Final[tuple[Point, ...]] = ("P2", "P3", "P4", "P5", "P6")


def exchange(sandbox: Sandbox, endpoint: str, body: bytes, headers: Mapping[str, str]) -> Iterator[Step]:
    """The steps of one call whose body was read."""
    request = asked(endpoint, body, headers)
    struck: list[Fault] = []
    if sandbox.script.faults:
        with sandbox.lock:
            struck = sandbox.script.strike(request.endpoint, request.customer_id, _LATER)
            if request.endpoint in EDITING:
                sandbox.edits_seen.append(request)
    if sandbox.knobs.latency:
        yield Pause(sandbox.knobs.latency)
    if struck:
        yield from _Course(sandbox, request, struck).steps()
    else:
        yield Send(sandbox.respond(request))


def unread(sandbox: Sandbox, endpoint: str, headers: Mapping[str, str]) -> Iterator[Step]:
    """The steps that come before the body is read; nothing at all on a clean day."""
    struck = sandbox.script.strike(endpoint, None, ("P1",)) if sandbox.script.faults else []
    if struck:
        yield from _Course(sandbox, asked(endpoint, b"", headers), struck).before_reading()


class _Course:
    """One call that faults strike, from P1 to P6."""

    def __init__(self, sandbox: Sandbox, request: Asked, struck: Sequence[Fault]) -> None:
        self.sandbox = sandbox
        self.request = request
        self.struck = struck
        self.outcome = "; ".join(one.label for one in struck)

    def at(self, point: Point) -> list[faults.Action]:
        return [one.action for one in self.struck if one.point == point]

    def before_reading(self) -> Iterator[Step]:
        ended = yield from self._plainly("P1")
        if ended:
            with self.sandbox.lock:
                self.sandbox.log(self.request, 0, self.outcome)

    def steps(self) -> Iterator[Step]:
        with self.sandbox.lock:
            seq = self.sandbox.log(self.request, 0, self.outcome)
        if (yield from self._plainly("P2")):
            return
        for action in self.at("P2"):
            if isinstance(action, faults.Later):
                yield _MEANWHILE[action.meanwhile]
                yield Pause(action.seconds)
        with self.sandbox.lock:
            answer, outcome = self._handled()
            self.sandbox.store.amend_request(seq, answer.status, f"{outcome}; {self.outcome}")
        if any(isinstance(action, faults.Later) for action in self.at("P2")):
            return
        if not (yield from self._plainly("P3")):
            yield from self._sent(answer)
            yield from self._afterwards()

    def _handled(self) -> tuple[Answer, str]:
        keep, stale = Keep(), 0
        for action in self.at("P2"):
            if isinstance(action, faults.Retain):
                keep = Keep(frozenset(action.attributes), action.lie)
            elif isinstance(action, faults.Stale):
                stale = action.commits
        if not stale or self.request.customer_id is None:
            return self.sandbox.answer(self.request, keep)
        with self.sandbox.store.dream():
            hand.undo(self.sandbox.store, self.request.customer_id, stale)
            return self.sandbox.answer(self.request, keep)

    def _plainly(self, point: Point) -> Generator[Step, None, bool]:
        """The actions that mean the same at P1, P2 and P3; whether one of them ended the call."""
        for action in self.at(point):
            match action:
                case faults.Reset() | faults.Close() | faults.Hang():
                    yield action
                    return True
                case faults.Delay(seconds):
                    yield Pause(seconds)
                case faults.Reply():
                    yield from _whole(
                        Answer(action.status, tuple(action.headers.items()), _content(action)), action.reason
                    )
                    return True
                case faults.Raw():
                    yield Bytes(base64.b64decode(action.base64) or action.text.encode("latin-1"))
                    yield faults.Close()
                    return True
                case faults.Hand():
                    self._by_hand(action)
        return False

    def _by_hand(self, action: faults.Hand) -> None:
        customer = action.customer or self.request.customer_id or 0
        with self.sandbox.lock:
            try:
                hand.act(
                    self.sandbox.store, customer, action.values, delete=action.delete, into=action.merge_into
                )
            except hand.HandError as problem:
                self.outcome += f" ({problem})"

    def _sent(self, answer: Answer) -> Iterator[Step]:
        inside = self.at("P5")
        for action in inside:
            if isinstance(action, faults.Garble):
                answer = garbled(answer, action)
            elif isinstance(action, faults.Rewrite):
                answer = rewritten(answer, action)
        framing = next((one.framing for one in inside if isinstance(one, faults.Frame)), "length")
        drip = next((one for one in inside if isinstance(one, faults.Drip)), None)
        stops = [one for one in inside if isinstance(one, (*_ENDINGS, faults.Delay))]
        if framing == "length" and not drip and not stops and not self.at("P4"):
            yield Send(answer)
            return
        content = _framed(answer.body, framing)
        if (yield from _halting(_head(answer, framing), self.at("P4"))):
            return
        if drip:
            yield from _dripping(content, drip)
        elif (yield from _halting(content, stops)):
            return
        yield faults.Close()

    def _afterwards(self) -> Iterator[Step]:
        for action in self.at("P6"):
            match action:
                case faults.Reset() | faults.Close():
                    yield action
                case faults.Hand():
                    self._by_hand(action)
                case faults.Replay(back):
                    self._replayed(back)

    def _replayed(self, back: int) -> None:
        seen = self.sandbox.edits_seen
        place = len(seen) - 1 - back
        if place >= 0:
            with self.sandbox.lock:
                answer, outcome = self.sandbox.answer(seen[place])
                self.sandbox.log(seen[place], answer.status, f"{outcome}; replayed")


_ENDINGS: Final = (faults.Reset, faults.Close, faults.Hang)
_MEANWHILE: Final[dict[str, Ending]] = {
    "hang": faults.Hang(),
    "reset": faults.Reset(),
    "close": faults.Close(),
}


def _halting(content: bytes, actions: Sequence[faults.Action]) -> Generator[Step, None, bool]:
    """Send the bytes with what happens halfway; whether that was the end."""
    half = len(content) // 2 if actions else len(content)
    yield Bytes(content[:half])
    for action in actions:
        if isinstance(action, faults.Delay):
            yield Pause(action.seconds)
        elif isinstance(action, _ENDINGS):
            yield action
            return True
    yield Bytes(content[half:])
    return False


def _dripping(content: bytes, drip: faults.Drip) -> Iterator[Step]:
    for start in range(0, len(content), drip.bytes):
        yield Bytes(content[start : start + drip.bytes])
        yield Pause(drip.seconds)


def _content(reply: faults.Reply) -> bytes:
    return base64.b64decode(reply.base64) if reply.base64 else reply.body.encode()


def _whole(answer: Answer, reason: str) -> Iterator[Step]:
    """An answer that the script made up; as bytes where HTTP has no word for its status."""
    if not reason and answer.status in _STATUSES:
        yield Send(answer)
    else:
        yield Bytes(_head(answer, "length", reason) + answer.body)
        yield faults.Close()


_STATUSES: Final = frozenset(status.value for status in http.HTTPStatus if status.value >= 200)


def _head(answer: Answer, framing: str, reason: str = "") -> bytes:
    phrase = reason or (http.HTTPStatus(answer.status).phrase if answer.status in _STATUSES else "")
    lengths = {
        "length": f"Content-Length: {len(answer.body)}\r\n",
        "chunked": "Transfer-Encoding: chunked\r\n",
    }
    headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return f"HTTP/1.1 {answer.status} {phrase}\r\n{headers}{lengths.get(framing, '')}Connection: close\r\n\r\n".encode(
        "latin-1"
    )


def _framed(body: bytes, framing: str) -> bytes:
    if framing != "chunked":
        return body
    third = max(1, len(body) // 3)
    chunks = [body[start : start + third] for start in range(0, len(body), third)]
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
