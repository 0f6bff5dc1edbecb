"""Customers with their changes -> equal changes, together with all customers that get them. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.report.view import Group

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.report.view import Customer, Shown

SHARED_FROM: Final = 4
"""As many customers with an equal change are shown together."""


def groups(among: Iterable[Customer]) -> tuple[Group, ...]:
    """The changes of these customers, equal ones together, gravest first, then the most customers."""
    holders: dict[Shown, list[Customer]] = {}
    for customer in among:
        for change in customer.changes:
            holders.setdefault(change, []).append(customer)
    found = [Group(change, tuple(those)) for change, those in holders.items()]
    return tuple(sorted(found, key=lambda group: (group.change.kind, -len(group.customers))))


def shared_and_own(among: Sequence[Customer]) -> tuple[tuple[tuple[Group, ...], ...], tuple[Customer, ...]]:
    """What many customers share, once, all that the very same customers share together; then who has more, with that alone."""
    common = [group for group in groups(among) if len(group.customers) >= SHARED_FROM]
    together: dict[tuple[int, ...], list[Group]] = {}
    for group in common:
        together.setdefault(tuple(it.customer_id for it in group.customers), []).append(group)
    shared = {group.change for group in common}
    own = []
    for customer in among:
        left = tuple(change for change in customer.changes if change not in shared)
        above = len(customer.changes) - len(left)
        said = [f"{counted(above, 'attribute')} shown above"] if above else []
        elsewhere = " and ".join([*said, *([customer.elsewhere] if customer.elsewhere else [])])
        if left:
            own.append(replace(customer, changes=left, elsewhere=elsewhere) if above else customer)
    return tuple(map(tuple, together.values())), tuple(own)
