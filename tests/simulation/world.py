"""The world around the tool: its clock, its network, RPM itself, a person who edits by hand, and death at any call.

The real client, reader, editor, workflow, apply and journal run; only the socket and the clock are ours. With one
worker at a time the same seed gives the same trace. What the oracles need is noted here as it happens, from the
server's side of the wire, never from what the tool believes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from reconciler.clock import Clock
from reconciler.sandbox import faults as fault_kinds
from reconciler.sandbox import hand, seed
from reconciler.sandbox.exchange import exchange, unread
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.steps import Bytes, Pause, Send
from reconciler.sandbox.store import Store

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from random import Random

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
HOST = "rpm.localhost"


class Died(BaseException):
    """The process is dead: nothing of the tool may run after this."""


class VirtualClock(Clock):
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waiting: list[tuple[float, Iterator[Any]]] = []

    def monotonic(self) -> float:
        return self.seconds

    def utc(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.seconds)

    def pause(self, seconds: float, stop: threading.Event) -> bool:
        self.advance(seconds)
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        """Let time pass; what the server still had to do by then is done."""
        end = self.seconds + seconds
        for due, rest in sorted(self.waiting, key=lambda entry: entry[0]):
            if due <= end:
                self.waiting.remove((due, rest))
                self.seconds = max(self.seconds, due)
                self.finish(rest)
        self.seconds = end

    def finish(self, steps: Iterator[Any]) -> None:
        """Draw what is left of a call that the client no longer waits for."""
        for step in steps:
            if isinstance(step, Pause):
                self.waiting.append((self.seconds + step.seconds, steps))
                return


@dataclass
class Call:
    """One request as the server saw it, and whether its answer reached the tool whole."""

    run: int
    endpoint: str
    customer: int | None
    sent: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    answered: bool = False
    error: str = ""
    status: int = 0
    intents: int = 0
    stopped: bool = False
    begun: float = 0.0
    ended: float = 0.0
    rows: int = -1


class World:
    """RPM, its network and its people."""

    def __init__(self, random: Random, subscription: dict[str, Any]) -> None:
        self.random = random
        self.clock = VirtualClock()
        self.sandbox = Sandbox(Store(":memory:", clock=self.clock.utc))
        seed.reset(self.sandbox.store, seed.subscription(subscription))
        self.run = 0
        self.calls: list[Call] = []
        self.hands: list[tuple[int, int, str, str]] = []
        self.human: Callable[[World], None] | None = None
        self.after_edit: Callable[[World], None] | None = None
        self.die_at: tuple[int, str] | None = None
        self.points = 0
        self.dead = False
        self.stop: threading.Event | None = None
        self.stop_after: int | None = None
        self.journal: Path | None = None

    def values(self, customer: int) -> dict[str, str]:
        """A customer's attributes as they are now; nothing for one that is gone."""
        found = self.sandbox.store.customer(customer)
        if found is None:
            return {}
        fields = self.sandbox.store.fields()
        flat = {f"Fields.{row.name}": found.values.get(row.uid, "") for row in fields}
        place = found.primary_location
        return {
            "Name": found.name,
            "Website": found.website,
            "Address": place.address if place else "",
            **flat,
        }

    def by_hand(self, customer: int, attribute: str, text: str) -> None:
        """Somebody edits a customer; refused names are that person's problem."""
        try:
            hand.edit(self.sandbox.store, customer, {attribute: text})
        except hand.HandError:
            return
        self.hands.append((len(self.calls), customer, attribute, text))

    def delete(self, customer: int) -> None:
        """Somebody trashes a customer."""
        if self.values(customer):
            hand.trash(self.sandbox.store, customer)
            self.hands.append((len(self.calls), customer, "*", ""))

    def point(self, what: str) -> None:
        """A moment at which the process may die; dead is dead."""
        if self.dead:
            raise Died
        self.points += 1
        if self.die_at == (self.points, what) or (self.die_at and self.die_at[0] == self.points):
            self.dead = True
            raise Died

    def intents(self) -> int:
        """How many intents the journal on disk holds."""
        if self.journal is None or not self.journal.exists():
            return 0
        return self.journal.read_text().count('"intent"')


class InProcess(httpx.BaseTransport):
    """The network: carries requests to the sandbox, and what the fault script makes of the answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._deadline = float("inf")

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Bound one call."""
        self._deadline = deadline
        try:
            yield
        finally:
            self._deadline = float("inf")

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange, with every way in which it may go wrong."""
        world = self.world
        world.point("call")
        assert request.url.host == HOST, f"a request, with the key, to {request.url.host}"
        endpoint = request.url.path.rsplit("/", 1)[1]
        body = json.loads(request.content)
        inner = body.get("Customer", {}) if endpoint == "CustomerEdit" else body
        customer = inner.get("CustomerID") if isinstance(inner, dict) else None
        call = Call(
            world.run,
            endpoint,
            customer,
            intents=world.intents(),
            stopped=bool(world.stop and world.stop.is_set()),
        )
        if endpoint == "CustomerEdit":
            call.sent = {key: text for key, text in inner.items() if key not in {"CustomerID", "Fields"}}
            call.sent |= {f"Fields.{entry['Field']}": entry["Value"] for entry in inner.get("Fields", [])}
        if world.human:
            world.human(world)
        world.calls.append(call)
        if world.stop and world.stop_after is not None and len(world.calls) > world.stop_after:
            world.stop.set()
        if customer is not None:
            call.before = world.values(customer)
        call.begun = world.clock.seconds
        world.clock.advance(0.05)
        headers = {name.lower(): value for name, value in request.headers.items()}
        steps = self._steps(endpoint, request.content, headers)
        try:
            answer = self._carry_out(steps, call)
        finally:
            call.ended = world.clock.seconds
            if customer is not None:
                call.after = world.values(customer)
        world.point("answer")
        return answer

    def _steps(self, endpoint: str, content: bytes, headers: dict[str, str]) -> Iterator[Any]:
        """All that happens to one call."""
        ended = False
        for step in unread(self.world.sandbox, endpoint, headers):
            ended = ended or not isinstance(step, Pause)
            yield step
        if not ended:
            yield from exchange(self.world.sandbox, endpoint, content, headers)

    def _carry_out(self, steps: Iterator[Any], call: Call) -> httpx.Response:
        """Take the steps until the client has an answer or an error."""
        clock = self.world.clock
        for step in steps:
            if isinstance(step, Pause):
                if clock.seconds + step.seconds > self._deadline:
                    clock.waiting.append((clock.seconds + step.seconds, steps))
                    clock.seconds = self._deadline
                    raise httpx.ReadTimeout("the call's time is over")
                clock.advance(step.seconds)
            elif isinstance(step, Send):
                clock.finish(steps)
                call.status = step.answer.status
                call.error = self._error(step.answer.body)
                call.answered = call.status == 200 and self._is_answer(step.answer.body)
                if call.answered and call.endpoint == "Customers":
                    call.rows = len(json.loads(step.answer.body)["Result"]["Customers"])
                return httpx.Response(
                    step.answer.status,
                    headers=list(step.answer.headers),
                    stream=httpx.ByteStream(step.answer.body),
                )
            elif isinstance(step, Bytes):
                clock.finish(steps)
                raise httpx.RemoteProtocolError("the answer breaks off")
            elif isinstance(step, fault_kinds.Hang):
                clock.finish(steps)
                clock.advance(max(0.0, self._deadline - clock.seconds))
                raise httpx.ReadTimeout("the call's time is over")
            elif isinstance(step, fault_kinds.Reset):
                clock.finish(steps)
                raise httpx.ReadError("connection reset")
            else:
                clock.finish(steps)
                raise httpx.RemoteProtocolError("connection closed")
        raise httpx.RemoteProtocolError("nothing came")

    @staticmethod
    def _is_answer(body: bytes) -> bool:
        try:
            result = json.loads(body)["Result"]
        except (ValueError, KeyError, TypeError):
            return False
        return isinstance(result, dict) and "Error" not in result

    @staticmethod
    def _error(body: bytes) -> str:
        try:
            return str(json.loads(body)["Result"]["Error"]["Message"])
        except (ValueError, KeyError, TypeError):
            return ""


class DyingFiles:
    """`os` as the journal sees it: the real one, with a moment to die before and after each operation."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in {"open", "write", "fsync"}:
            return real

        def operation(*arguments: Any) -> Any:
            self._world.point(f"before {name}")
            result = real(*arguments)
            self._world.point(f"after {name}")
            return result

        return operation
