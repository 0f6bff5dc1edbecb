"""A subscription, its server, a network and a machine: everything around the tool, in one process and one thread of time.

A story is a number of runs of the tool in one world. Each call, and each operation of the journal's file, is a
point: the process may die there, or a signal come. Points are counted over a whole story, so that a sweep can name one.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from reconciler.core.errors import Interrupted
from reconciler.sandbox import seed as seeding
from reconciler.sandbox.records import flattened
from reconciler.sandbox.service import Sandbox
from reconciler.sandbox.store import Store
from tests.chaos.baton import Baton, VirtualClock
from tests.chaos.disk import Disk
from tests.chaos.ledger import Call, Ledger
from tests.chaos.scenario import NAMES, VALUES, generator
from tests.chaos.weather import CALM, CANARY, NO_CONNECTION, UPSETS, Hand, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import httpx

    from reconciler.sandbox.faults.script import Fault
    from reconciler.sandbox.records import Subscription
    from tests.chaos.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Fate:
    """What is certain to happen: a death or an upset of the machine at a point, faults at the nth call of an endpoint, deeds before a call."""

    die_at: int | None = None
    upset_at: tuple[int, str] | None = None
    faults: Mapping[tuple[str, int], str] = field(default_factory=dict)
    deeds: Mapping[tuple[str, int], Callable[[World], None]] = field(default_factory=dict)


class _Database:
    """A database in memory, which one world after another may have: making its tables costs more than filling them."""

    def __init__(self) -> None:
        self._clock: VirtualClock | None = None
        self._store = Store(":memory:", clock=self._now)

    def _now(self) -> dt.datetime:
        assert self._clock is not None
        return self._clock.true_time()

    def filled(self, subscription: Subscription, clock: VirtualClock) -> Store:
        """The store, with this subscription, this clock, every knob at its default and nothing of an earlier world."""
        self._clock = clock
        self._store.forget_settings()
        seeding.reset(self._store, subscription)
        return self._store


_FREE: Final[list[_Database]] = []
"""Those that no world has any more."""


class World:
    """One subscription and what befalls it."""

    def __init__(self, scenario: Scenario, seed: object, fate: Fate | None = None) -> None:
        self.scenario = scenario
        self.fate = fate or Fate()
        self.weather = CALM
        self.baton = Baton(f"{seed}/order")
        self.clock = VirtualClock(self.baton, counts_sleep=generator(seed, "machine").random() < 0.7)
        self.disk = Disk(self.point, self.disk_is_full, self.baton.sleep)
        self.baton.refuses_thread = lambda: self.limited("no more threads")
        self.points = 0
        self._database = _FREE.pop() if _FREE else _Database()
        store = self._database.filled(seeding.subscription(scenario.document()), self.clock)
        self.sandbox = Sandbox(store, key=CANARY)
        self.sandbox.turn(scenario.knobs)
        fields = store.fields()
        self.ledger = Ledger({it.customer_id: flattened(it, fields) for it in store.customers()})
        self.laid_out = generator(seed, "text").random() < 0.25
        self.retry_random = generator(seed, "retries")
        self._random = generator(seed, "weather")
        self._upsets = generator(seed, "upsets")
        self._delays = generator(seed, "delays")
        self._limits = generator(seed, "limited")
        self.hand = Hand(generator(seed, "hand"), (*NAMES, *self._wanted_names()), VALUES)
        self._counts: dict[str, int] = {}

    def _wanted_names(self) -> tuple[str, ...]:
        return tuple(file.values["Name"] for file in self.scenario.files)

    def close(self) -> None:
        """Nobody calls the server any more."""
        _FREE.append(self._database)

    def managed(self, calls: Sequence[Call]) -> dict[int, Mapping[str, str]]:
        """What YAML says, by id, for a run of these calls: whoever bore a name in the list that it read is found by it."""
        at = max((call.served for call in calls if call.rows is not None), default=0)
        names = {it: self.ledger.value(it, "Name", at) or "" for it in self.ledger.first}
        return self.scenario.managed({normalize("NFC", name): it for it, name in names.items()})

    def begin_anew(self) -> None:
        """Count calls and points from here, as a fate for the next run does."""
        self._counts.clear()
        self.points = 0

    @property
    def committed(self) -> int:
        """How many commits there are."""
        return len(self.ledger.commits)

    def latency(self) -> float:
        """How long a message is on its way."""
        return self._delays.uniform(0.001, 0.05)

    def point(self, name: str) -> None:
        """A moment at which the process may die, the machine be upset, or somebody press Ctrl-C; the dead do nothing more.

        Between its last look at the clocks and an edit's first byte nothing can save it from a sleep: that is part of the
        one-call window, and left out.
        """
        if self.baton.dead:
            self.baton.die()
        self.points += 1
        if self.fate.die_at == self.points or (
            self.weather.deaths and self._random.random() < self.weather.deaths
        ):
            self.baton.die()
        if name != "before an edit":
            if self.fate.upset_at is not None and self.fate.upset_at[0] == self.points:
                self.upset(self.fate.upset_at[1])
            elif self.weather.upsets and self._upsets.random() < self.weather.upsets:
                self.upset(self._upsets.choice(tuple(UPSETS)))
        if self.weather.signals and self._random.random() < self.weather.signals:
            self.interrupt(in_flight=name in {"before a call", "before an edit"})

    def upset(self, kind: str) -> None:
        """The machine sleeps, or somebody sets its clock; RPM and the people there notice nothing."""
        asleep, jumped = UPSETS[kind]
        self.ledger.upsets[self.ledger.run] += 1
        if asleep:
            self.clock.sleep(asleep)
            if self.weather.hands:
                self.hand.act(self.sandbox.store)
                self.entered(None)
        self.clock.jumped += dt.timedelta(seconds=jumped)

    def limited(self, kind: str) -> bool:
        """Whether this machine refuses what it is asked for, here and now."""
        if not self.weather.limits or self.baton.dead or self._limits.random() >= self.weather.limits:
            return False
        self.ledger.limits[self.ledger.run].add(kind)
        return True

    def disk_is_full(self, line: bytes) -> bool:
        """Whether a line of the journal finds no room."""
        full = self.limited("the disk is full")
        if full:
            self.ledger.unwritten.append((self.ledger.run, json.loads(line)))
        return full

    def interrupt(self, *, in_flight: bool) -> None:
        """A SIGINT, for whoever asked for it; before an apply begins to edit there is nobody to finish anything."""
        catch = signal.getsignal(signal.SIGINT)
        if callable(catch) and catch is not signal.default_int_handler:
            self.ledger.stopped.setdefault(self.ledger.run, len(self.ledger.calls) + in_flight)
            try:
                catch(signal.SIGINT, None)
            except Interrupted as error:
                self.baton.raise_in_main(error)

    def leaving(self, url: httpx.URL, content: bytes) -> Call:
        """A call is about to leave the machine."""
        endpoint, body = url.path.rpartition("/")[2], json.loads(content or b"{}")
        self.point("before an edit" if endpoint == "CustomerEdit" else "before a call")
        customer = body.get("Customer", body).get("CustomerID")
        call = Call(
            len(self.ledger.calls),
            self.ledger.run,
            endpoint,
            customer,
            body,
            self.baton.now,
            self.disk.intents[customer],
            self.committed,
            url.host,
            took=self.clock.monotonic(),
        )
        self.ledger.calls.append(call)
        self._counts[endpoint] = self._counts.get(endpoint, 0) + 1
        return call

    def fault_for(self, call: Call) -> Fault | None:
        """What goes wrong with this call; its kind is noted in the call."""
        kind = self.fate.faults.get((call.endpoint, self._counts[call.endpoint]), "")
        if not kind and self.weather.faults and self._random.random() < self.weather.faults:
            kind = self._random.choice(self.weather.kinds)
        fault = fault_of(kind, call.endpoint)
        call.fault = kind if fault is not None or kind == NO_CONNECTION else ""
        return fault

    def arriving(self, call: Call) -> None:
        """A call reaches the server; somebody may have been quicker."""
        deed = self.fate.deeds.get((call.endpoint, self._counts[call.endpoint]))
        acted = self.weather.hands and self._random.random() < self.weather.hands
        if deed is not None:
            deed(self)
        if acted:
            self.hand.act(self.sandbox.store)
        if deed is not None or acted:
            self.entered(None)

    def entered(self, call: Call | None) -> None:
        """The server did something, on behalf of a call or not."""
        self.ledger.catch_up(self.sandbox.store, call)

    def settle(self) -> None:
        """Wait until the server has nothing left to do for calls of the past."""
        self.baton.sleep(600.0)

    def clear(self) -> None:
        """The weather clears: no fault, no hand, no limit."""
        self.weather = CALM
        self.sandbox.turn({"daily_limit": 0})
