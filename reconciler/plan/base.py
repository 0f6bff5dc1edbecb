"""What YAML said at base, by customer: the third side of the comparison. Pure.

Base may say something of a customer, say part of it, have it and not say it (`NotSaid`), or not have it (`UNSET`). Without a
base, and on the first branch of a repository, it has nobody: then every attribute counts as new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from reconciler.core.field_types import CompareRules, normalize_name, plain
from reconciler.core.temporary_names import is_temporary
from reconciler.core.text import shortened
from reconciler.core.values import UNSET, DesiredCustomer, NotSaid, Unset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from reconciler.core.values import CustomerKey, ObservedCustomer
    from reconciler.customers.said import SaidCustomers


@dataclass(frozen=True, slots=True)
class PartlySaid:
    """A customer of base of which some attributes cannot be read."""

    customer: DesiredCustomer
    not_said: Mapping[str, NotSaid]


SaidCustomer = DesiredCustomer | PartlySaid | NotSaid


@dataclass(frozen=True)
class BaseSide:
    """The customers of base by id, and the rules of that commit. `otherwise` is what base says of any other id.

    `otherwise` is `NotSaid` where base has something that cannot be read and may be anybody's. `unchanged` are further customers of
    base, by id too, whom the checkout has in the very same files.
    """

    rules: CompareRules = field(default_factory=CompareRules)
    customers: Mapping[int, SaidCustomer] = field(default_factory=dict)
    otherwise: NotSaid | Unset = UNSET
    unchanged: Mapping[CustomerKey, DesiredCustomer] = field(default_factory=dict)

    def of(self, customer_id: int) -> SaidCustomer | Unset:
        """What base says of a customer."""
        said = self.customers.get(customer_id)
        return self.unchanged.get(customer_id, self.otherwise) if said is None else said

    def text(self, path: str, observed: ObservedCustomer) -> str | Unset | NotSaid:
        """What base said of one attribute; nothing of a name where RPM has our own temporary one: that is nobody's drift."""
        if path == "Name" and is_temporary(observed.name, observed.customer_id):
            return UNSET
        said = self.of(observed.customer_id)
        if isinstance(said, PartlySaid):
            return said.not_said.get(path, said.customer.values.get(path, UNSET))
        if isinstance(said, DesiredCustomer):
            return said.values.get(path, UNSET)
        return said

    def says_otherwise(self, desired: DesiredCustomer, observed: ObservedCustomer) -> bool:
        """Whether base says of this customer something that YAML does not say now, letter for letter."""
        said = self.of(observed.customer_id)
        if isinstance(said, DesiredCustomer):
            return said.values != desired.values
        return isinstance(said, PartlySaid)

    def named_as_observed(self, observed: ObservedCustomer) -> bool:
        """Whether the id had at base the name that RPM has: then the file is that customer's."""
        name = self.text("Name", observed)
        return isinstance(name, str) and plain(name) == plain(observed.name)

    def names_somebody(self, name: str) -> bool:
        """Whether an id had this name at base, or may have had."""
        return self.otherwise is not UNSET or normalize_name(name) in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        """The normalized names of base."""
        return frozenset(normalize_name(customer.name) for _, customer in self.readable())

    def readable(self) -> Iterator[tuple[int, DesiredCustomer]]:
        """The customers of which something can be read, with their ids."""
        yield from self.readable_of(self.customers)
        yield from ((it.customer_id, it) for it in self.unchanged.values() if it.customer_id is not None)

    def readable_of(self, ids: Iterable[int]) -> Iterator[tuple[int, DesiredCustomer]]:
        """The same of some ids."""
        for customer_id in ids:
            said = self.of(customer_id)
            if isinstance(said, DesiredCustomer):
                yield customer_id, said
            elif isinstance(said, PartlySaid):
                yield customer_id, said.customer


NO_BASE: Final = BaseSide()


def base_side(
    said: SaidCustomers,
    rules: CompareRules,
    listed: Mapping[int, ObservedCustomer],
    desired: Iterable[DesiredCustomer],
) -> BaseSide:
    """What a commit says, by id. A customer without an id there goes by the names of both sides, RPM's and YAML's of today."""
    found: dict[int, SaidCustomer] = {
        it.customer_id: it for it in said.customers.values() if it.customer_id is not None
    }
    nameless: list[tuple[str, SaidCustomer]] = []
    if len(found) < len(said.customers):
        nameless = [(it.name, _side(it, said)) for it in said.customers.values() if it.customer_id is None]
    found |= {key: _side(said.customers[key], said) for key in said.not_said if isinstance(key, int)}
    if nameless:
        found |= _by_name(nameless, (*found, *said.in_groups), listed, desired)
    return BaseSide(rules, found, said.otherwise, said.in_groups)


def _side(customer: DesiredCustomer, said: SaidCustomers) -> SaidCustomer:
    """A customer of a commit with what of it is not said."""
    not_said = said.not_said.get(customer.key)
    if not_said is None:
        return customer
    return not_said if isinstance(not_said, NotSaid) else PartlySaid(customer, not_said)


def _by_name(
    nameless: Iterable[tuple[str, SaidCustomer]],
    pinned: Collection[CustomerKey],
    listed: Mapping[int, ObservedCustomer],
    desired: Iterable[DesiredCustomer],
) -> dict[int, SaidCustomer]:
    """The customers that base has without an id; where two ids could be meant, nothing is said of either."""
    holders: dict[str, set[int]] = {}
    for row in listed.values():
        holders.setdefault(plain(row.name), set()).add(row.customer_id)
    for customer in desired:
        if customer.customer_id is not None:
            holders.setdefault(plain(customer.name), set()).add(customer.customer_id)
    found: dict[int, SaidCustomer] = {}
    for name, side in nameless:
        ids = holders.get(plain(name), set()) - set(pinned)
        if len(ids) > 1:
            several = " and ".join(map(str, sorted(ids)))
            why = f'"{shortened(name)}" has no CustomerID there, and is the name of {several} now'
            found |= dict.fromkeys(ids, NotSaid(why))
        else:
            found |= dict.fromkeys(ids, side)
    return found


def touched_since(
    edited: Iterable[int], base: BaseSide, tip: BaseSide, desired: Mapping[int, DesiredCustomer]
) -> tuple[int, ...]:
    """The edited customers of which REF says now neither what the merge base said nor what the checkout says."""
    return tuple(i for i in sorted(edited) if _touched(base.of(i), tip.of(i), desired[i]))


def _touched(base: SaidCustomer | Unset, tip: SaidCustomer | Unset, desired: DesiredCustomer) -> bool:
    if isinstance(tip, Unset):
        return not isinstance(base, Unset)
    if not isinstance(tip, DesiredCustomer):
        return True  # what cannot be read there may be anything
    as_base = isinstance(base, DesiredCustomer) and base.values == tip.values
    return not as_base and tip.values != desired.values
