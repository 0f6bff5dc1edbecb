"""The edits of plans and audits -> customers with the changes that reports may show. Pure.

A plan's change goes from RPM's value to YAML's, an audit's from YAML's to RPM's. Masking is done here, once: a masked change
becomes a `Shown` without any text, so that no renderer has what it must not print, and two masked changes of one attribute
are alike, whatever their values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.text import MASKED, counted
from reconciler.core.values import UNSET, NotSaid
from reconciler.plan.model import Class
from reconciler.report.view import Customer, Kind, Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.drift.model import Cause, Drift
    from reconciler.plan.model import Change, Edit, Plan
    from reconciler.report.view import Remark


def planned_customers(
    plan: Plan,
    order: Callable[[Edit, str], tuple[Remark, ...]],
    reason: Callable[[Change], tuple[Remark, ...]],
) -> tuple[Customer, ...]:
    """The customers to edit, gravest first, then in working order; a temporary rename joins its customer.

    `order` words why a rename runs when it does, from its edit and the temporary name that it goes through ("" for none);
    `reason` what the values of a change do not tell.
    """
    temporary = {edit.customer_id: edit.rename for edit in plan.edits if edit.temporary}
    shown = []
    for edit in plan.edits:
        if not edit.temporary:
            via = temporary.get(edit.customer_id)
            name = "" if via is None else MASKED if via.masked else via.after
            changes = tuple(_planned(change, edit.name) for change in edit.changes)
            place = f"{edit.file}:{edit.line}"
            remarks = {change.attribute: told for change in edit.changes if (told := reason(change))}
            if edit.rename:
                remarks["Name"] = (*order(edit, name), *remarks.get("Name", ()))
            shown.append(Customer(edit.customer_id, _name(edit), place, changes, remarks))
    return tuple(sorted(shown, key=lambda customer: customer.kind))


def drifted_customers(
    drift: Drift, cause: Cause, origin: Callable[[int, Change], tuple[Remark, ...]]
) -> tuple[Customer, ...]:
    """The customers with drift of a cause, and of that alone; gravest first, then by id.

    `origin` words what git knows of an attribute.
    """
    shown = []
    for edit in drift.plan.edits:
        changes = [it for it in edit.changes if drift.origin(edit.customer_id, it).cause is cause]
        others = len(edit.changes) - len(changes)
        if changes:
            customer = Customer(
                edit.customer_id,
                _name(edit),
                f"{edit.file}:{edit.line}",
                tuple(map(_drifted, changes)),
                {change.attribute: origin(edit.customer_id, change) for change in changes},
                drift.since.get(edit.customer_id, ""),
                f"{counted(others, 'attribute')} of another cause" if others else "",
            )
            shown.append(customer)
    return tuple(sorted(shown, key=lambda customer: (customer.kind, customer.customer_id)))


def _name(edit: Edit) -> str:
    """What to call a customer in a heading: its name in RPM, unless the change of that is masked."""
    return MASKED if edit.rename is not None and edit.rename.masked else edit.name


def _planned(change: Change, name: str) -> Shown:
    """One change of a plan without what must stay hidden; a rename starts from the name that RPM has."""
    kind = _planned_kind(change.attribute, MASKED if change.masked else change.after, change.kind)
    drift, unsaid = change.kind is Class.DRIFT, isinstance(change.base, NotSaid)
    if change.masked:
        return Shown(change.attribute, "", "", kind, masked=True, drift=drift, unsaid=unsaid)
    before = name if change.attribute == "Name" else change.before
    base = change.base if isinstance(change.base, str) else UNSET
    return Shown(change.attribute, before, change.after, kind, base, drift=drift, unsaid=unsaid)


def _planned_kind(attribute: str, after: str, judged: Class) -> Kind:
    """What a planned change does; whether a masked value is being cleared is not told."""
    if judged is Class.CONFLICT:
        return Kind.CONFLICT
    if attribute == "Name":
        return Kind.RENAME
    if not after:
        return Kind.CLEAR
    return Kind.DRIFT if judged is Class.DRIFT else Kind.CHANGE


def _drifted(change: Change) -> Shown:
    """One drifted attribute without what must stay hidden; an audit's `after` is YAML, its `before` RPM."""
    git, rpm = (MASKED, MASKED) if change.masked else (change.after, change.before)
    kind = _drifted_kind(change.attribute, git, rpm)
    if change.masked:
        return Shown(change.attribute, "", "", kind, masked=True)
    return Shown(change.attribute, git, rpm, kind)


def _drifted_kind(attribute: str, git: str, rpm: str) -> Kind:
    """What happened to an attribute in RPM; whether a masked value was emptied is not told."""
    if attribute == "Name":
        return Kind.RENAME
    if git and rpm:
        return Kind.CHANGE
    return Kind.FILL if rpm else Kind.CLEAR
