"""Desired customers x the customer list -> who is who. Pure.

An id is the identity. A file without one is found by its exact name, once; what cannot be found is missing, and
what could be two customers is a problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.field_types import normalize_name, plain
from reconciler.core.nearest import nearest
from reconciler.core.text import printable
from reconciler.core.values import Problem
from reconciler.plan.model import Missing, Unpinned
from reconciler.rpm.customer_list import names_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reconciler.core.values import DesiredCustomer, ObservedCustomer

NEAREST_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Identities:
    """The customers found, by id; those found by name alone; those not found; and what is in doubt."""

    found: Mapping[int, DesiredCustomer]
    unpinned: tuple[Unpinned, ...]
    missing: tuple[Missing, ...]
    problems: tuple[Problem, ...]

    def narrowed_to(self, chosen: Iterable[DesiredCustomer]) -> Identities:
        """The same for some customers of YAML alone; problems stay, because they stop every run."""
        places = {(customer.file, customer.line) for customer in chosen}
        return Identities(
            {i: customer for i, customer in self.found.items() if (customer.file, customer.line) in places},
            tuple(it for it in self.unpinned if (it.file, it.line) in places),
            tuple(it for it in self.missing if (it.file, it.line) in places),
            self.problems,
        )


def identify(customers: Iterable[DesiredCustomer], listed: Mapping[int, ObservedCustomer]) -> Identities:
    """Find each customer of YAML in the list."""
    found: dict[int, DesiredCustomer] = {}
    unpinned, missing, problems = [], [], []
    nameless = []
    for customer in customers:
        if customer.customer_id is None:
            nameless.append(customer)
        elif customer.customer_id in listed:
            found[customer.customer_id] = customer
        else:
            missing.append(_missing(customer, ""))
    by_name, by_normalized = _by_name(listed.values() if nameless else ())
    unnamed = unnamed_ids(listed) if nameless else []
    for customer in nameless:
        ids = by_name.get(plain(customer.name), [])
        if len(ids) > 1:
            several = ", ".join(map(str, sorted(ids)))
            text = f'"{printable(customer.name)}" is the name of several customers in RPM ({several}); write the CustomerID'
            problems.append(Problem(customer.mark("Name"), text))
        elif not ids:
            if unnamed:
                problems.append(Problem(customer.mark("Name"), _perhaps_unnamed(customer.name, unnamed)))
                continue
            look = len(missing) < NEAREST_AT_MOST
            missing.append(_missing(customer, _similar(customer.name, by_normalized, look=look)))
        elif ids[0] in found:
            other = found[ids[0]]
            text = f'"{printable(customer.name)}" is customer {ids[0]} in RPM, which {other.mark()} already manages'
            problems.append(Problem(customer.mark("Name"), text))
        else:
            found[ids[0]] = customer
            unpinned.append(Unpinned(ids[0], customer.name, customer.file, customer.line))
    return Identities(found, tuple(unpinned), tuple(missing), tuple(problems))


def _by_name(
    rows: Iterable[ObservedCustomer],
) -> tuple[dict[str, list[int]], dict[str, ObservedCustomer]]:
    """The ids that bear each name, and a customer for each normalized name."""
    ids: dict[str, list[int]] = {}
    alike: dict[str, ObservedCustomer] = {}
    for row in rows:
        ids.setdefault(plain(row.name), []).append(row.customer_id)
        alike.setdefault(normalize_name(row.name), row)
    return ids, alike


def unnamed_ids(listed: Mapping[int, ObservedCustomer]) -> list[int]:
    """The customers that RPM lists without a name: found by id alone."""
    return sorted(i for i, name in names_in(listed) if not name.strip())


def _perhaps_unnamed(name: str, unnamed: Sequence[int]) -> str:
    """Why a customer that is not found by its name cannot be said to be missing."""
    several = ", ".join(map(str, unnamed[:5]))
    return f'RPM lists no "{printable(name)}"; it may be one of the customers without a name ({several}): write the CustomerID'


def with_hints(
    missing: Sequence[Missing],
    listed: Mapping[int, ObservedCustomer],
    read: Mapping[int, ObservedCustomer],
) -> tuple[Missing, ...]:
    """Say of each missing customer whose name or alias its name is now: a merge leaves just that."""
    if not missing:
        return ()
    observed = {**listed, **read}
    names: dict[str, str] = {}
    for customer in observed.values():
        who = f"customer {customer.customer_id} ({printable(customer.name)})"
        for alias in customer.aliases:
            names.setdefault(
                normalize_name(alias), f"its name is now an alias of {who}: were the two merged in RPM?"
            )
    for customer in observed.values():
        who = f"customer {customer.customer_id}"
        names[normalize_name(customer.name)] = f"{who} has its name now: was it created again in RPM?"
    return tuple(
        gone
        if gone.hint
        else Missing(
            gone.customer_id, gone.name, gone.file, gone.line, names.get(normalize_name(gone.name), "")
        )
        for gone in missing
    )


def _missing(customer: DesiredCustomer, hint: str) -> Missing:
    """A customer of YAML that the list lacks."""
    return Missing(customer.customer_id, customer.name, customer.file, customer.line, hint)


def _similar(name: str, by_normalized: Mapping[str, ObservedCustomer], *, look: bool) -> str:
    """A customer whose name is nearly this one; to `look` for one that is misspelt takes a while in a long list."""
    if row := by_normalized.get(normalize_name(name)):
        return f'customer {row.customer_id} is named "{printable(row.name)}"; write CustomerID: {row.customer_id}'
    near = nearest(name, [row.name for row in by_normalized.values()]) if look else ""
    return (
        near.removeprefix("; ")
        if near
        else "nothing is created in RPM; create it there, then write its CustomerID"
    )
