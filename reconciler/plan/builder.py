"""Differences of all customers -> the Plan: edits in working order, and everything else that was seen. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reconciler.core.field_types import normalize_name
from reconciler.core.text import printable
from reconciler.core.values import UNSET, Problem
from reconciler.plan.base import NO_BASE
from reconciler.plan.compare import compare
from reconciler.plan.model import Aside, Change, Class, Edit, Missing, Plan, Suspicious
from reconciler.plan.order import Rename, order
from reconciler.rpm.customer_list import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer, Target
    from reconciler.plan.base import BaseSide
    from reconciler.plan.compare import Difference
    from reconciler.plan.identity import Identities
    from reconciler.plan.order import Collision, Step


@dataclass(frozen=True, slots=True)
class PlanSides:
    """What a plan is made from.

    `listed` is the customer list, `observed` the customers as read (a row of the list where the file manages the
    name alone), `base` what YAML said at base. `claimed` are the ids that any file names.
    `fields` are the attributes that RPM has, by the customers read whole; none where no customer was. `in_doubt` counts the
    reads that were made although RPM's list told nothing new (`rpm.snapshot`).
    """

    identities: Identities
    missing: tuple[Missing, ...]
    listed: Mapping[int, ObservedCustomer]
    observed: Mapping[int, ObservedCustomer]
    managed: int
    claimed: frozenset[int]
    base: BaseSide = NO_BASE
    fields: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    in_doubt: int = 0


def build_plan(sides: PlanSides, rules: CompareRules, target: Target) -> Plan:
    """Compare every customer and put the edits in order."""
    found, differences = _compared(sides, rules)
    edited = {i: difference for i, difference in differences.items() if difference.changes}
    renames = _renames(edited)
    ordering = order(edited.keys(), renames, _held(sides) if renames else {})
    names = {i: sides.observed[i].name for i in edited}
    plan = _gathered(sides, target, found, differences)
    return replace(
        plan,
        edits=tuple(_edits(ordering.steps, edited, found, names)),
        problems=(*plan.problems, *(_collision(it, found, sides) for it in ordering.collisions)),
        suspicious=tuple(_suspicious(edited, found, names)),
    )


def build_audit(sides: PlanSides, rules: CompareRules, target: Target) -> Plan:
    """Compare every customer, two sides: each difference is drift, and nothing is ordered, because nothing is sent."""
    found, differences = _compared(sides, rules)
    edits = tuple(
        Edit(
            i,
            sides.observed[i].name,
            found[i].file,
            found[i].line,
            tuple(replace(change, kind=Class.DRIFT, base=change.after) for change in difference.changes),
        )
        for i, difference in differences.items()
        if difference.changes
    )
    return replace(_gathered(sides, target, found, differences), edits=edits)


def _compared(
    sides: PlanSides, rules: CompareRules
) -> tuple[dict[int, DesiredCustomer], dict[int, Difference]]:
    """The customers that both sides have, by id, and what comparing came to where it came to anything."""
    identified = sides.identities.found
    found = {i: identified[i] for i in sorted(identified) if i in sides.observed}
    return found, compare(found, sides.observed, rules, sides.base)


def _gathered(
    sides: PlanSides,
    target: Target,
    found: Mapping[int, DesiredCustomer],
    differences: Mapping[int, Difference],
) -> Plan:
    """A plan with everything but its edits."""
    names = {i: sides.observed[i].name for i in differences}
    problems = [problem for difference in differences.values() for problem in difference.problems]
    return Plan(
        target=target,
        edits=(),
        managed=sides.managed,
        compared=len(found),
        listed=len(sides.listed),
        unmanaged=len(sides.listed.keys() - sides.claimed),
        reads=_reads(sides, target),
        missing=sides.missing,
        problems=(*sides.identities.problems, *problems),
        converged=_asides(differences, names, "converged"),
        ignored=_asides(differences, names, "ignored"),
        released=tuple(_released(sides, found)),
        unpinned=sides.identities.unpinned,
        notes=sides.notes,
    )


def _reads(sides: PlanSides, target: Target) -> int:
    """What reading all this afresh costs: one list, one Info for a pinned subscriber, one read a full file."""
    full = sum(not customer.name_only for customer in sides.identities.found.values())
    return 1 + (target.subscriber_id is not None) + full


def _held(sides: PlanSides) -> dict[str, int]:
    """Who has which normalized name now; aliases as far as the reads show them, a name before an alias.

    Of a customer that was read, the list's row no longer counts: it may have been renamed in between.
    """
    held = {}
    observed = [sides.observed[i] for i in sorted(sides.observed)]
    for customer in observed:
        for alias in customer.aliases:
            held[normalize_name(alias)] = customer.customer_id
    for i, name in names_in(sides.listed):
        if i not in sides.observed:
            held[normalize_name(name)] = i
    for customer in observed:
        held[normalize_name(customer.name)] = customer.customer_id
    return held


def _renames(edited: Mapping[int, Difference]) -> list[Rename]:
    """The changes of names."""
    return [
        Rename(i, change.before, change.after)
        for i, difference in edited.items()
        for change in difference.changes
        if change.attribute == "Name"
    ]


def _edits(
    steps: tuple[Step, ...],
    edited: Mapping[int, Difference],
    found: Mapping[int, DesiredCustomer],
    names: Mapping[int, str],
) -> list[Edit]:
    """An edit a step. After a temporary rename, the edit that follows starts from the temporary name."""
    edits = []
    temporary: dict[int, str] = {}
    for step in steps:
        i, customer = step.customer_id, found[step.customer_id]
        changes = edited[i].changes
        if step.temporary_name is not None:
            temporary[i] = step.temporary_name
            line = customer.mark("Name").line
            changes = (Change("Name", names[i], step.temporary_name, Class.CHANGE, UNSET, line),)
        elif i in temporary:
            changes = tuple(
                replace(it, before=temporary[i]) if it.attribute == "Name" else it for it in changes
            )
        is_temporary = step.temporary_name is not None
        edits.append(Edit(i, names[i], customer.file, customer.line, changes, step.needs, is_temporary))
    return edits


def _collision(collision: Collision, found: Mapping[int, DesiredCustomer], sides: PlanSides) -> Problem:
    """A wanted name that somebody keeps."""
    rename, holder = collision.rename, collision.holder
    name = (sides.observed.get(holder) or sides.listed[holder]).name
    held = "has that name" if normalize_name(name) == normalize_name(rename.desired) else "has it as an alias"
    kept = "no file renames it away"
    if holder in found:
        kept = f"{found[holder].mark()} keeps it"
    elif holder in sides.claimed:
        kept = "its file, which may rename it, is not selected"
    text = (
        f'customer {rename.customer_id} ({printable(rename.observed)}) cannot be named "{printable(rename.desired)}": '
        f"customer {holder} ({printable(name)}) {held}, and {kept}"
    )
    return Problem(found[rename.customer_id].mark("Name"), text)


def _suspicious(
    edited: Mapping[int, Difference], found: Mapping[int, DesiredCustomer], names: Mapping[int, str]
) -> list[Suspicious]:
    """The ids that look pasted."""
    return [
        Suspicious(i, names[i], found[i].file, found[i].line, difference.suspicious)
        for i, difference in edited.items()
        if difference.suspicious
    ]


def _asides(differences: Mapping[int, Difference], names: Mapping[int, str], part: str) -> tuple[Aside, ...]:
    """One of the lists that the plan only counts."""
    return tuple(
        Aside(i, names[i], attribute)
        for i, difference in differences.items()
        for attribute in getattr(difference, part)
    )


def _released(sides: PlanSides, found: Mapping[int, DesiredCustomer]) -> list[Aside]:
    """The attributes that base managed and YAML no longer does."""
    ids = found.keys() | (sides.base.customers.keys() - sides.claimed)
    return [
        Aside(i, sides.observed[i].name if i in found else then.name, attribute)
        for i, then in sides.base.readable_of(sorted(ids))
        for attribute in then.values
        if i not in found or attribute not in found[i].values
    ]
