"""A fault script: which calls go wrong, where in their course, and how. Values alone; nothing here does anything.

    {"endpoint": "CustomerEdit", "nth": 2, "customer": 10023, "point": "P3", "action": {"do": "reset"}}

`endpoint` and `customer` may be left out (any). `nth`, `every` and `from` count the calls that match: the nth
alone, each nth, or all from the nth on; `from` with `every` is each nth beginning there; none of them is every
call. Points, in the order of a call's life:

    P0 the connection is accepted          P4 inside status and headers
    P1 before the body is read             P5 inside the body
    P2 read, nothing committed             P6 after the body
    P3 committed, nothing sent
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Point = Literal["P0", "P1", "P2", "P3", "P4", "P5", "P6"]
POINTS: Final[tuple[Point, ...]] = get_args(Point)


GARBLINGS: Final = (
    "gzip bomb", "truncated", "empty", "trailing", "twice", "bom", "utf-16", "latin-1", "nested", "nan", "long integer",
    "duplicate key", "gzip", "broken gzip", "unknown encoding",
)  # fmt: skip


class FaultError(ValueError):
    """A script that means nothing."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (RST)."""


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is closed (FIN)."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing more comes, and the connection stays open."""


@dataclass(frozen=True, slots=True)
class Delay:
    """Everything waits, then goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """This HTTP answer instead of the true one."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    base64: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """These bytes (as Latin-1 text, or base64) instead of an HTTP answer; then the connection is closed."""

    text: str = ""
    base64: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """The body is delimited otherwise than by its length: in chunks, or by the end of the connection."""

    framing: Literal["chunked", "close"]


@dataclass(frozen=True, slots=True)
class Drip:
    """The body comes so many bytes at a time."""

    seconds: float
    bytes: int = 1


@dataclass(frozen=True, slots=True)
class Garble:
    """The body of the true answer, spoilt in one of the ways of `GARBLINGS`."""

    kind: str
    size: int = 200_000_000


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The true answer with other values in its JSON.

    `set` has pairs of a path and a value, `remove` paths. A step of a path is a key, a position, or `Key=text`:
    the first entry of a list in which that key has that text.
    """

    set: Sequence[tuple[Sequence[str | int], Any]] = ()
    remove: Sequence[Sequence[str | int]] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """The client loses the call now; it is carried out so many seconds later."""

    seconds: float
    meanwhile: Literal["hang", "reset", "close"] = "hang"


@dataclass(frozen=True, slots=True)
class Retain:
    """These attributes (`*`: all) are not stored; with `lie`, the answer shows them as if they were."""

    attributes: Sequence[str] = ("*",)
    lie: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """The call sees its customer as it was so many commits ago."""

    commits: int = 1


@dataclass(frozen=True, slots=True)
class Replay:
    """An editing call seen earlier (`back` 1 is the one before this) is carried out again."""

    back: int = 1


@dataclass(frozen=True, slots=True)
class Hand:
    """Someone edits a customer by hand at this moment; `customer` 0 is the one that the call speaks of."""

    customer: int = 0
    values: Mapping[str, str] = field(default_factory=dict)
    delete: bool = False
    merge_into: int = 0


Action = (
    Reset | Close | Hang | Delay | Reply | Raw | Frame | Drip | Garble | Rewrite | Later | Retain | Stale | Replay | Hand
)  # fmt: skip

WHERE: Final[Mapping[str, tuple[type, str]]] = {
    "reset": (Reset, "P0 P1 P2 P3 P4 P5 P6"),
    "close": (Close, "P0 P1 P2 P3 P4 P5 P6"),
    "hang": (Hang, "P0 P1 P2 P3 P4 P5"),
    "delay": (Delay, "P0 P1 P2 P3 P4 P5"),
    "reply": (Reply, "P1 P2 P3"),
    "raw": (Raw, "P1 P2 P3"),
    "frame": (Frame, "P5"),
    "drip": (Drip, "P5"),
    "garble": (Garble, "P5"),
    "rewrite": (Rewrite, "P5"),
    "later": (Later, "P2"),
    "retain": (Retain, "P2"),
    "stale": (Stale, "P2"),
    "replay": (Replay, "P6"),
    "hand": (Hand, "P1 P2 P3 P6"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a script; `first`, `step` and `last` bound which of the matching calls it strikes."""

    point: Point
    action: Action
    endpoint: str = "*"
    customer: int | None = None
    first: int = 1
    step: int = 1
    last: int | None = None

    def matches(self, endpoint: str, customer: int | None) -> bool:
        """Whether the call is one that it counts."""
        return self.endpoint.lower() in {"*", endpoint.lower()} and self.customer in {None, customer}

    def strikes(self, count: int) -> bool:
        """Whether it strikes the matching call of this number, from 1."""
        after = count - self.first
        return after >= 0 and after % self.step == 0 and (self.last is None or count <= self.last)

    @property
    def label(self) -> str:
        """How the request log names it."""
        return f"fault {self.point} {type(self.action).__name__.lower()}"


def parsed(entries: Any) -> tuple[Fault, ...]:
    """A script from parsed JSON."""
    if not isinstance(entries, list):
        raise FaultError("a fault script is a list")
    return tuple(_fault(entry) for entry in entries)


def _fault(entry: Any) -> Fault:
    if not isinstance(entry, dict) or not isinstance(entry.get("action"), (str, dict)):
        raise FaultError(f"not a fault: {entry!r}")
    unknown = set(entry) - {"endpoint", "customer", "nth", "every", "from", "point", "action"}
    if unknown:
        raise FaultError(f"a fault has no {', '.join(sorted(unknown))}")
    point = entry.get("point")
    if point not in POINTS:
        raise FaultError(f"a point is one of {', '.join(POINTS)}, not {point!r}")
    if (point == "P0" and entry.get("endpoint", "*") != "*") or (
        point in {"P0", "P1"} and "customer" in entry
    ):
        raise FaultError(
            f"at {point} it is not yet known which {'endpoint' if point == 'P0' else 'customer'} is asked for"
        )
    action = _action(entry["action"], point)
    nth, every, start = entry.get("nth"), entry.get("every"), entry.get("from")
    return Fault(
        point,
        action,
        entry.get("endpoint", "*"),
        entry.get("customer"),
        first=nth or start or every or 1,
        step=every or 1,
        last=nth,
    )


def _action(entry: str | dict[str, Any], point: Point) -> Action:
    parts = {"do": entry} if isinstance(entry, str) else dict(entry)
    name = str(parts.pop("do", None))
    if name not in WHERE:
        raise FaultError(f"an action is one of {', '.join(WHERE)}, not {name!r}")
    kind, places = WHERE[name]
    if point not in places.split():
        raise FaultError(f"{name} cannot happen at {point}, only at {places}")
    known = {one.name for one in fields(kind)}
    if not set(parts) <= known:
        raise FaultError(f"{name} has no {', '.join(sorted(set(parts) - known))}")
    if name == "garble" and parts.get("kind") not in GARBLINGS:
        raise FaultError(f"a garbling is one of {', '.join(GARBLINGS)}, not {parts.get('kind')!r}")
    try:
        action: Action = kind(**parts)
    except TypeError as problem:
        raise FaultError(f"{name}: {problem}") from problem
    return action


class Script:
    """Faults, and how often each was met: the only thing about a script that changes."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        """Begin to count."""
        self.faults = tuple(faults)
        self._counts = [0] * len(self.faults)

    def strike(self, endpoint: str, customer: int | None, points: Sequence[Point]) -> list[Fault]:
        """The faults at those points that strike this call; each call is to be asked about once."""
        struck = []
        for place, fault in enumerate(self.faults):
            if fault.point in points and fault.matches(endpoint, customer):
                self._counts[place] += 1
                if fault.strikes(self._counts[place]):
                    struck.append(fault)
        return struck
