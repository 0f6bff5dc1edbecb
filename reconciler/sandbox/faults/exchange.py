"""One API call under the fault script -> the steps that its connection takes, in order.

The sequence is lazy: what the steps wait for (a commit after a pause) happens when they are drawn, so
the same generator serves real sockets, where a pause is slept, and a simulation, where it is a
number added to a clock. A caller that loses interest after `Reset`, `Close` or `Hang` must still draw the rest, at its
time: the server goes on even when the client has gone.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from reconciler.sandbox import manual_edit
from reconciler.sandbox.call import Keep
from reconciler.sandbox.faults import script
from reconciler.sandbox.faults.delivery import delivered, made_up
from reconciler.sandbox.faults.steps import Bytes, Pause, Send
from reconciler.sandbox.service import EDITING, asked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from reconciler.sandbox.faults.script import Fault, Point
    from reconciler.sandbox.faults.steps import Ending, Step
    from reconciler.sandbox.service import Answer, Asked, Sandbox


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
        yield Send(sandbox.dated(sandbox.respond(request)))


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

    def at(self, point: Point) -> list[script.Action]:
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
            if isinstance(action, script.Later):
                yield _MEANWHILE[action.meanwhile]
                yield Pause(action.seconds)
        with self.sandbox.lock:
            answer, outcome = self._handled()
            self.sandbox.store.amend_request(seq, answer.status, f"{outcome}; {self.outcome}")
        if any(isinstance(action, script.Later) for action in self.at("P2")):
            return
        if not (yield from self._plainly("P3")):
            yield from delivered(self.sandbox.dated(answer), self.at("P4"), self.at("P5"))
            yield from self._afterwards()

    def _handled(self) -> tuple[Answer, str]:
        keep, stale = Keep(), 0
        for action in self.at("P2"):
            if isinstance(action, script.Retain):
                keep = Keep(frozenset(action.attributes), action.lie)
            elif isinstance(action, script.Stale):
                stale = action.commits
        if not stale or self.request.customer_id is None:
            return self.sandbox.answer(self.request, keep)
        with self.sandbox.store.dream():
            manual_edit.undo(self.sandbox.store, self.request.customer_id, stale)
            return self.sandbox.answer(self.request, keep)

    def _plainly(self, point: Point) -> Generator[Step, None, bool]:
        """The actions that mean the same at P1, P2 and P3; whether one of them ended the call."""
        for action in self.at(point):
            match action:
                case script.Reset() | script.Close() | script.Hang():
                    yield action
                    return True
                case script.Delay(seconds):
                    yield Pause(seconds)
                case script.Reply():
                    yield from made_up(action, self.sandbox.dated)
                    return True
                case script.Raw():
                    yield Bytes(base64.b64decode(action.base64) or action.text.encode("latin-1"))
                    yield script.Close()
                    return True
                case script.Hand():
                    self._by_hand(action)
        return False

    def _by_hand(self, action: script.Hand) -> None:
        customer = action.customer or self.request.customer_id or 0
        with self.sandbox.lock:
            try:
                manual_edit.act(
                    self.sandbox.store, customer, action.values, delete=action.delete, into=action.merge_into
                )
            except manual_edit.HandError as problem:
                self.outcome += f" ({problem})"

    def _afterwards(self) -> Iterator[Step]:
        for action in self.at("P6"):
            match action:
                case script.Reset() | script.Close():
                    yield action
                case script.Hand():
                    self._by_hand(action)
                case script.Replay(back):
                    self._replayed(back)

    def _replayed(self, back: int) -> None:
        seen = self.sandbox.edits_seen
        place = len(seen) - 1 - back
        if place >= 0:
            with self.sandbox.lock:
                answer, outcome = self.sandbox.answer(seen[place])
                self.sandbox.log(seen[place], answer.status, f"{outcome}; replayed")


_MEANWHILE: Final[dict[str, Ending]] = {
    "hang": script.Hang(),
    "reset": script.Reset(),
    "close": script.Close(),
}
