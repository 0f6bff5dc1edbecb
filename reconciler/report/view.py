"""A plan -> what its renderers show: customers with their changes, equal changes as groups, both ranked.

Masking is done here, once: a masked change becomes a `Shown` without any text, so that no renderer holds
what it must not print. Equal changes are equal `Shown` values, so grouping is a dictionary and nothing else; two
masked changes of one attribute are therefore alike, whatever their values, and a group gives nothing away.
This module orders and regroups; it must not judge (that is the guard's work) nor word anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from reconciler.core.values import UNSET
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.core.values import Unset
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Change, Edit, Plan

MASKED: Final = "(masked)"


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """What a renderer of a plan gets: the plan, and what is known of the run that made it.

    `created` is a time as text; `calls_made` are the calls that making the plan took.
    """

    plan: Plan
    refusals: tuple[Refusal, ...]
    digest: str
    calls_made: int
    created: str
    tool_version: str


class Rank(IntEnum):
    """How much a reader must not miss a change; the lowest comes first and is left out last."""

    CONFLICT = 0
    RENAME = 1
    CLEAR = 2
    DRIFT = 3
    CHANGE = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """One change as reports may show it; of a masked one, `before`, `after` and `base` are empty."""

    attribute: str
    before: str
    after: str
    kind: Class
    base: str | Unset = UNSET
    masked: bool = False

    @property
    def rank(self) -> Rank:
        """Its importance; whether a masked value is being cleared is not told."""
        if self.kind is Class.CONFLICT:
            return Rank.CONFLICT
        if self.attribute == "Name":
            return Rank.RENAME
        if not self.after and not self.masked:
            return Rank.CLEAR
        return Rank.DRIFT if self.kind is Class.DRIFT else Rank.CHANGE


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer to edit. `via` is the passing name of a cycle; `needs` are the customers edited first."""

    customer_id: int
    name: str
    file: str
    line: int
    changes: tuple[Shown, ...]
    via: str = ""
    needs: tuple[int, ...] = ()

    @property
    def place(self) -> str:
        """Where YAML asks for it."""
        return f"{self.file}:{self.line}"

    @property
    def rank(self) -> Rank:
        """A renamed customer stands among the renames, which are read in working order; else its gravest change."""
        ranks = {change.rank for change in self.changes}
        if any(change.attribute == "Name" for change in self.changes):
            return Rank.RENAME
        return min(ranks, default=Rank.CHANGE)


@dataclass(frozen=True, slots=True)
class Group:
    """Equal changes: the change once, and the customers that get it, in working order."""

    change: Shown
    customers: tuple[Customer, ...]


def customers(plan: Plan) -> tuple[Customer, ...]:
    """The customers to edit, gravest first, then in working order; a passing rename joins its customer."""
    passing = {edit.customer_id: edit for edit in plan.edits if edit.temporary}
    shown = [_customer(edit, passing.get(edit.customer_id)) for edit in plan.edits if not edit.temporary]
    return tuple(sorted(shown, key=lambda customer: customer.rank))


def groups(among: Iterable[Customer]) -> tuple[Group, ...]:
    """The changes of these customers, equal ones together, gravest first, then the most customers."""
    holders: dict[Shown, list[Customer]] = {}
    for customer in among:
        for change in customer.changes:
            holders.setdefault(change, []).append(customer)
    found = [Group(change, tuple(those)) for change, those in holders.items()]
    return tuple(sorted(found, key=lambda group: (group.change.rank, -len(group.customers))))


def _customer(edit: Edit, passing: Edit | None) -> Customer:
    """One customer, the rename shown from the name that RPM has to the one it will keep."""
    hidden = edit.rename is not None and edit.rename.masked
    via = passing.rename.after if passing is not None and passing.rename is not None else ""
    return Customer(
        edit.customer_id,
        MASKED if hidden else edit.name,
        edit.file,
        edit.line,
        tuple(_shown(change, edit.name) for change in edit.changes),
        MASKED if via and hidden else via,
        edit.needs,
    )


def _shown(change: Change, name: str) -> Shown:
    """One change without what must stay hidden."""
    if change.masked:
        return Shown(change.attribute, "", "", change.kind, masked=True)
    before = name if change.attribute == "Name" else change.before
    return Shown(change.attribute, before, change.after, change.kind, change.base)
