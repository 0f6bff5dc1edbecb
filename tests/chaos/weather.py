"""A seed -> what goes wrong: which fault strikes which call, and what a person in RPM does meanwhile.

Left out on purpose are servers that lie: one that answers with a record it did not store, that fails a call it carried
out, or that shows an old record as a fresh one. No client can see through those, and none is claimed to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from reconciler.sandbox import manual_edit
from reconciler.sandbox.faults.script import (
    GARBLINGS,
    Action,
    Close,
    Delay,
    Drip,
    Fault,
    Frame,
    Garble,
    Hang,
    Later,
    Point,
    Raw,
    Replay,
    Reply,
    Reset,
    Retain,
    Rewrite,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from reconciler.sandbox.store import Store

CANARY: Final = "canary-5e1f0b7c-key"
_HTML: Final = {"Content-Type": "text/html"}
_PAGE: Final = f"<html><body><h1>Error</h1><p>RpmApiKey: {CANARY}</p></body></html>"


def _page(status: int, **headers: str) -> Reply:
    return Reply(status, {**_HTML, **headers}, _PAGE)


def _says(text: str) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, f'{{"Result":{{"Error":{text}}}}}')


READ: Final[Mapping[str, tuple[Point, Action]]] = {
    "reset before the body is read": ("P1", Reset()),
    "closed before the body is read": ("P1", Close()),
    "reset before the commit": ("P2", Reset()),
    "closed before the commit": ("P2", Close()),
    "swallowed": ("P2", Hang()),
    "reset after the commit": ("P3", Reset()),
    "closed after the commit": ("P3", Close()),
    "silence after the commit": ("P3", Hang()),
    "reset inside the headers": ("P4", Reset()),
    "closed inside the headers": ("P4", Close()),
    "closed inside the body": ("P5", Close()),
    "reset inside the body": ("P5", Reset()),
    "silence inside the body": ("P5", Hang()),
    "chunked": ("P5", Frame("chunked")),
    "ended by the connection": ("P5", Frame("close")),
    "committed after 2 s, connection lost": ("P2", Later(2.0, "reset")),
    "committed after 90 s, no answer": ("P2", Later(90.0, "hang")),
    "slow": ("P2", Delay(12.0)),
    "too slow before the commit": ("P2", Delay(75.0)),
    "too slow after the commit": ("P3", Delay(75.0)),
    "drip": ("P5", Drip(0.5, 100)),
    "500 before the commit": ("P2", _page(500)),
    "500 after the commit": ("P3", _page(500)),
    "502 after the commit": ("P3", _page(502)),
    "503 before the commit": ("P2", _page(503, **{"Retry-After": "5"})),
    "404": ("P2", _page(404)),
    "429": ("P2", _page(429)),
    "429 for 7 s": ("P2", _page(429, **{"Retry-After": "7"})),
    "429 for an hour": ("P2", _page(429, **{"Retry-After": "3600"})),
    "429 after the commit": ("P3", _page(429)),
    "key refused": ("P2", _page(403)),
    "key refused in words": ("P2", _says('"Key not found.  A valid \\"Key\\" must appear"')),
    "quota spent": ("P2", _says('{"Message":"API daily limit reached"}')),
    "an error text": ("P2", _says('"Timeout expired"')),
    "an error text after the commit": ("P3", _says('"Timeout expired"')),
    "an error object": ("P2", _says('{"Message":"Deadlock victim"}')),
    "an error object after the commit": ("P3", _says('{"Message":"Deadlock victim"}')),
    "an error without words": ("P2", _says("null")),
    "an error without words after the commit": ("P3", _says("{}")),
    "an error that is a list after the commit": ("P3", _says("[]")),
    "captive portal": ("P2", _page(200)),
    "captive portal after the commit": ("P3", _page(200)),
    "redirect": ("P2", _page(302, Location="http://elsewhere.invalid/rpm/api2.svc/Customer")),
    "no content": ("P3", Reply(204)),
    "not HTTP": ("P3", Raw(text="SSH-2.0-OpenSSH_9.6\r\n")),
    "malformed length": ("P3", Raw(text="HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}")),
    "another customer's record": ("P5", Rewrite(set=[(["Result", "CustomerID"], 999_999)])),
    "a record of a strange shape": ("P5", Rewrite(set=[(["Result", "Locations", 0, "IsPrimary"], [])])),
    "a record without its fields": ("P5", Rewrite(remove=[["Result", "Fields"]])),
    "an empty list": ("P5", Rewrite(set=[(["Result", "Customers"], [])])),
    **{f"garbled: {kind}": ("P5", Garble(kind)) for kind in GARBLINGS if kind != "gzip bomb"},
}
EDIT: Final[Mapping[str, tuple[Point, Action]]] = {
    **READ,
    "customer not found": ("P2", _says('{"Message":"Customer not found"}')),
    "customer not found after the commit": ("P3", _says('"Customer not found"')),
    "a name that is taken": ("P2", _says('{"Message":"A customer with that name already exists."}')),
    "nothing stored": ("P2", Retain()),
    "website not stored": ("P2", Retain(("Website",))),
    "an earlier edit carried out again": ("P6", Replay(1)),
}
UPSETS: Final[Mapping[str, tuple[float, float]]] = {
    "the machine sleeps for a minute": (60.0, 0.0),
    "the machine sleeps for a minute and wakes a day earlier": (60.0, -86_400.0),
    "the clock is set back by a day": (0.0, -86_400.0),
    "the clock is set ahead by an hour": (0.0, 3_600.0),
}
"""What may befall the machine: seconds that it sleeps, and by how many its wall clock is set."""

LIMITS: Final = ("no more files", "no more memory", "no more threads", "the disk is full")
"""What this machine may refuse: a connection, room for an answer, a thread, a line of the journal."""

NO_CONNECTION: Final = "no connection"
KINDS: Final = (NO_CONNECTION, *EDIT)


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad it is: chances of a fault in a call (by kind), of a hand at a call, of a signal, a death or an upset at a point.

    `limits` is the chance that this machine refuses what it is asked for, `calls` how many calls a run may make.
    """

    faults: float = 0.0
    kinds: tuple[str, ...] = KINDS
    hands: float = 0.0
    signals: float = 0.0
    deaths: float = 0.0
    upsets: float = 0.0
    limits: float = 0.0
    calls: int = 10_000


CALM: Final = Weather()


def storm(random: random.Random, limits: random.Random) -> Weather:
    """The weather of one chaotic story; what this machine and its user allow is drawn apart."""
    kinds = KINDS if random.random() < 0.5 else tuple(random.sample(KINDS, random.randint(1, 6)))
    return Weather(
        faults=random.choice((0.0, 0.05, 0.2, 0.5)),
        kinds=kinds,
        hands=random.choice((0.0, 0.0, 0.05, 0.25)),
        signals=random.choice((0.0, 0.0, 0.03)),
        deaths=random.choice((0.0, 0.01, 0.05)),
        upsets=random.choice((0.0, 0.0, 0.03)),
        limits=limits.choice((0.0, 0.0, 0.0, 0.02, 0.1)),
        calls=limits.randint(1, 40) if limits.random() < 0.1 else 10_000,
    )


def fault_of(kind: str, endpoint: str) -> Fault | None:
    """The fault of a kind, if it means anything for the endpoint; None also for a connection that never stands."""
    chosen = EDIT if endpoint == "CustomerEdit" else READ
    if kind not in chosen:
        return None
    point, action = chosen[kind]
    return Fault(point, action)


@dataclass(slots=True)
class Hand:
    """Somebody with RPM's web page open."""

    random: random.Random
    names: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    deaths_left: int = 1
    done: list[str] = field(default_factory=list)

    def act(self, store: Store) -> None:
        """Do one thing to one customer, if RPM lets it happen."""
        ids = [row[0] for row in store.rows()]
        if not ids:
            return
        customer = self.random.choice(ids)
        drawn = self.random.random()
        try:
            if drawn < 0.03 and self.deaths_left and len(ids) > 2:
                self.deaths_left -= 1
                self._remove(store, customer, [i for i in ids if i != customer])
            elif drawn < 0.2:
                name = self.random.choice((*self.names, f"Renamed by hand {self.random.randint(1, 9)}"))
                self._edit(store, customer, "Name", name)
            else:
                attribute = self.random.choice(tuple(self.values))
                self._edit(store, customer, attribute, self.random.choice(self.values[attribute]))
        except manual_edit.HandError:
            return

    def _remove(self, store: Store, customer: int, others: list[int]) -> None:
        if self.random.random() < 0.5:
            manual_edit.merge(store, customer, self.random.choice(others))
        else:
            manual_edit.trash(store, customer)
        self.done.append(f"removed {customer}")

    def _edit(self, store: Store, customer: int, attribute: str, text: str) -> None:
        manual_edit.edit(store, customer, {attribute: text})
        self.done.append(f"{customer} {attribute}")
