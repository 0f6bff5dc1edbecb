"""Edits by hand, as someone in RPM's web pages makes them: past the API, logged as `hand`.

The store takes what the person typed, as typed; only names must follow their rule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from reconciler.sandbox.records import Customer, flattened, folded, with_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.store import Store

BUILT_IN: Final = ("Name", "Website", "Address")


class HandError(ValueError):
    """There is no such customer or attribute, or the name is taken."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one attribute was, and is."""

    attribute: str
    before: str
    after: str


def edit(store: Store, customer_id: int, wishes: Mapping[str, str]) -> list[Change]:
    """Set attributes (Name, Website, Address, Fields.<name> or a bare field name); what changed."""
    with store.transaction():
        before = _customer(store, customer_id)
        after = before
        for attribute, text in wishes.items():
            after = _with(store, after, attribute, text)
        if after == before:
            return []
        store.save(before, replace(after, modified=store.now()), author="hand")
        was, now_is = flattened(before, store.fields()), flattened(after, store.fields())
    return [Change(name, was[name], text) for name, text in now_is.items() if was[name] != text]


def trash(store: Store, customer_id: int) -> None:
    """Trash a customer."""
    with store.transaction():
        store.save(_customer(store, customer_id), None, author="hand")


def merge(store: Store, customer_id: int, into: int) -> None:
    """Merge a customer into another: the record goes, its names become the other's aliases."""
    with store.transaction():
        gone, master = _customer(store, customer_id), _customer(store, into)
        names = (*master.aliases, gone.name, *gone.aliases)
        store.save(gone, None, author="hand")
        store.save(master, replace(master, aliases=names, modified=store.now()), author="hand")
        store.set_settings({f"merged {customer_id}": str(into)})


def act(
    store: Store, customer_id: int, wishes: Mapping[str, str], *, delete: bool, into: int
) -> list[Change]:
    """Edit, or merge into another, or trash a customer; what attributes of it changed."""
    if into:
        merge(store, customer_id, into)
    elif delete:
        trash(store, customer_id)
    else:
        return edit(store, customer_id, wishes)
    return []


def undo(store: Store, customer_id: int, commits: int) -> None:
    """Put a customer back to what it was so many commits ago, as far as attributes go."""
    rows = store.commits(customer_id=customer_id)
    moments = sorted({row["at"] for row in rows})[-commits:]
    before = _customer(store, customer_id)
    after = before
    for row in reversed(rows):
        if row["at"] in moments and row["attribute"].startswith((*BUILT_IN, "Fields.")):
            after = _with(store, after, row["attribute"], row["before"])
    store.save(before, after, author="undo")


def _customer(store: Store, customer_id: int) -> Customer:
    found = store.customer(customer_id)
    if found is None:
        raise HandError(f"there is no customer {customer_id}")
    return found


def _with(store: Store, customer: Customer, attribute: str, text: str) -> Customer:
    if attribute == "Name":
        return _renamed(store, customer, text)
    if attribute == "Website":
        return replace(customer, website=text)
    if attribute == "Address":
        return with_address(customer, text, store.fresh_id() if customer.primary_location is None else 0)
    name = attribute.removeprefix("Fields.")
    uid = next((one.uid for one in store.fields() if one.name == name), None)
    if uid is None:
        known = [*BUILT_IN, *(one.name for one in store.fields())]
        near = get_close_matches(name, known, 1)
        raise HandError(f'customers have no "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""))
    return replace(customer, values={**customer.values, uid: text})


def _renamed(store: Store, customer: Customer, name: str) -> Customer:
    if not name.strip():
        raise HandError("a customer name is required")
    other = next((holder for holder, _ in store.holders(name) if holder != customer.customer_id), None)
    if other is not None and folded(name) != folded(customer.name):
        raise HandError(f'the name "{name}" is taken by customer {other}')
    return replace(customer, name=name)
