"""Wanted names and the names that customers have -> the order of renames with the fewest edits, or the collision. Pure.

RPM keeps names unique, case ignored, aliases included, so a customer can only take a name that nobody
has at that moment (`rpm-api.md` sections 3 and 4). Each renamed customer waits for at most one other (the holder
of the name it wants) and is waited for by at most one (wanted names are unique), so the waiting splits into
chains and cycles and nothing else. A chain runs from its free end and costs nothing extra. A cycle has no free
end: whichever rename goes first must go to a name outside the cycle, so one customer is edited twice, and once is
enough. Hence the fewest edits are one a changed customer and one more a cycle; `tests/property/test_order.py`
compares this with a breadth-first search over all small cases.

Tried and rejected: moving every holder aside first (two edits for each link of a chain), and choosing the temporary
name at random (a later run could not recognise it).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from reconciler.core.field_types import normalize_name
from reconciler.core.temporary_names import temporary_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Rename:
    """A customer that is to have another name."""

    customer_id: int
    observed: str
    desired: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A rename that cannot be: `holder` has the name (or alias) and is not giving it up."""

    rename: Rename
    holder: int


@dataclass(frozen=True, slots=True)
class Step:
    """One edit in working order: the customer, the customers before it, and a temporary name if it takes one."""

    customer_id: int
    needs: tuple[int, ...] = ()
    temporary_name: str | None = None


@dataclass(frozen=True, slots=True)
class Ordering:
    """The steps in working order, and the collisions that forbid sending any."""

    steps: tuple[Step, ...]
    collisions: tuple[Collision, ...]


def order(edited: Collection[int], renames: Iterable[Rename], held: Mapping[str, int]) -> Ordering:
    """Put the edits of these customers in order.

    `held` tells who has a normalized name or alias now. Edits that rename nobody wait for nobody. Among
    those that may run, the lowest id comes first, so that equal input gives equal bytes.
    """
    by_id = {rename.customer_id: rename for rename in renames}
    waits = {}
    collisions = []
    for rename in by_id.values():
        holder = held.get(normalize_name(rename.desired))
        if holder is None or holder == rename.customer_id:
            continue
        if holder in by_id and _gives_up(by_id[holder], rename.desired):
            waits[rename.customer_id] = holder
        else:
            collisions.append(Collision(rename, holder))
    taken = held.keys() | {normalize_name(rename.desired) for rename in by_id.values()}
    broken = {c: temporary_name(by_id[c].observed, c, taken) for c in map(min, _cycles(waits))}
    steps = _in_order(edited, waits, broken)
    return Ordering(tuple(steps), tuple(sorted(collisions, key=lambda found: found.rename.customer_id)))


def _gives_up(holder: Rename, name: str) -> bool:
    """Whether the holder's own rename frees the name (it may have it as an alias, or only change its case)."""
    return normalize_name(holder.observed) == normalize_name(name) != normalize_name(holder.desired)


def _cycles(waits: Mapping[int, int]) -> list[list[int]]:
    """The cycles of a map in which each customer waits for at most one other."""
    settled: set[int] = set()
    cycles = []
    for start in waits:
        path: dict[int, int] = {}
        customer: int | None = start
        while customer is not None and customer not in settled and customer not in path:
            path[customer] = len(path)
            customer = waits.get(customer)
        if customer is not None and customer in path:
            cycles.append(list(path)[path[customer] :])
        settled.update(path)
    return cycles


def _in_order(edited: Collection[int], waits: Mapping[int, int], broken: Mapping[int, str]) -> list[Step]:
    """Kahn's algorithm with the lowest id first; a broken customer's temporary name goes before its edit.

    A rename to a temporary name is written as the pair (id, 0), every other edit as (id, 1).
    """
    before: dict[tuple[int, int], tuple[int, int]] = {}
    for customer, holder in waits.items():
        before[customer, 1] = (holder, 0 if holder in broken else 1)
    after: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for later, earlier in before.items():
        after.setdefault(earlier, []).append(later)
    ready = [(c, 1) for c in edited if (c, 1) not in before] + [(c, 0) for c in broken]
    heapify(ready)
    steps = []
    while ready:
        customer, final = node = heappop(ready)
        needs = (before[node][0],) if node in before else ()
        steps.append(Step(customer, needs, None if final else broken[customer]))
        for later in after.get(node, ()):
            heappush(ready, later)
    return steps
