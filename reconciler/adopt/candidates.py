"""Drift as found -> which observed values may go into YAML, and why the others may not. Pure.

Only drift is taken: with a base, never what this branch changed, nor what both sides changed. A value is left when no file
can hold it, when it is the passing name of an unfinished rename, or when another file wants that name. Says nothing of
files on disk; `adopting` writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.field_types import normalize_name
from reconciler.core.temporary_names import is_temporary
from reconciler.customers.validation import unwritable_reason, with_file_line_ends
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.plan.model import Plan


@dataclass(frozen=True, slots=True)
class Compared:
    """A plan, and the reads that it rests on by id."""

    plan: Plan
    observed: Mapping[int, ObservedCustomer]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One observed value to be written in place of a desired one."""

    customer_id: int
    customer: DesiredCustomer
    attribute: str
    text: str
    masked: bool

    @property
    def before(self) -> str:
        """What the file says so far."""
        return self.customer.values[self.attribute]


@dataclass(frozen=True, slots=True)
class NotAdopted:
    """A value that stays as the file has it, and why; `failed` where adopting it was asked for and is impossible."""

    wish: Candidate
    reason: str
    failed: bool = True


def find_candidates(
    compared: Compared, customers: Iterable[DesiredCustomer], *, three_sides: bool
) -> list[Candidate]:
    """Every value of RPM that differs from YAML, by customer and attribute; with a base, drift and conflicts."""
    places = {(customer.file, customer.line): customer for customer in customers}
    found = []
    for edit in sorted(compared.plan.edits, key=lambda edit: edit.customer_id):
        observed = compared.observed[edit.customer_id]
        for change in () if edit.temporary else edit.changes:
            if not three_sides or change.kind is not Class.CHANGE:
                # Not the change's own text: a cycle of renames starts from a passing name that is not there yet.
                text = with_file_line_ends(observed.values[change.attribute])
                customer = places[edit.file, edit.line]
                found.append(Candidate(edit.customer_id, customer, change.attribute, text, change.masked))
    return found


def in_conflict(plan: Plan) -> frozenset[tuple[int, str]]:
    """The customers and attributes that both sides changed since base."""
    return frozenset(
        (edit.customer_id, change.attribute)
        for edit in plan.edits
        for change in edit.changes
        if change.kind is Class.CONFLICT
    )


def judged(
    found: Sequence[Candidate],
    customers: Iterable[DesiredCustomer],
    rules: CompareRules,
    conflicts: Collection[tuple[int, str]],
) -> tuple[list[Candidate], list[NotAdopted]]:
    """The wishes that can be written, and the others."""
    kept, left = [], []
    for wish in found:
        if (wish.customer_id, wish.attribute) in conflicts:
            left.append(
                NotAdopted(wish, "it was changed in RPM and in YAML since base; decide by hand", failed=False)
            )
        elif reason := _impossible(wish, rules):
            left.append(NotAdopted(wish, reason))
        else:
            kept.append(wish)
    while colliding := _colliding(kept, customers):
        kept = [wish for wish in kept if all(wish is not it.wish for it in colliding)]
        left += colliding
    return kept, left


def _impossible(wish: Candidate, rules: CompareRules) -> str:
    """Why no file can hold the value, or nothing."""
    if wish.attribute == "Name" and is_temporary(wish.text, wish.customer_id):
        return "it is the passing name of an unfinished rename; run `reconciler apply` to finish it"
    return unwritable_reason(wish.attribute, wish.text, rules.field_types)


def _colliding(kept: Iterable[Candidate], customers: Iterable[DesiredCustomer]) -> list[NotAdopted]:
    """The names that two files would want; leaving one may free another's way, or block it."""
    renamed = {(it.customer.file, it.customer.line): it for it in kept if it.attribute == "Name"}
    holders: dict[str, list[DesiredCustomer]] = {}
    for customer in customers:
        wish = renamed.get((customer.file, customer.line))
        holders.setdefault(normalize_name(wish.text if wish else customer.name), []).append(customer)
    found = []
    for sharing in holders.values():
        for customer in sharing if len(sharing) > 1 else ():
            if wish := renamed.get((customer.file, customer.line)):
                other = next(it for it in sharing if it is not customer)
                found.append(
                    NotAdopted(wish, f"{other.mark()} wants this name; adopt or change that one first")
                )
    return found
