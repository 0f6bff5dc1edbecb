"""A permitted plan x what a fresh look wants -> nothing, or a refusal that names what moved, from what to what. Pure.

Each edit that is wanted now must be in the permitted plan, and each edit of that plan which is not wanted any more must be
done or begun; so the rest of a plan can be finished after a kill, and nothing else can. Where the plan was made with a base,
the class of each attribute is part of what was permitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.errors import Refused
from reconciler.core.text import printable, shortened
from reconciler.plan.document import approvals
from reconciler.plan.status import status_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Change, Edit, Plan

_NAMED_AT_MOST = 20


def check_remaining(
    permitted: Plan, fresh: Plan, observed: Mapping[int, ObservedCustomer], rules: CompareRules, name: str
) -> None:
    """Raise `Refused` unless every wanted edit is permitted, and every other permitted one is done or begun."""
    allowed, wanted = _by_essence(permitted), _by_essence(fresh)
    of_customer: dict[int, list[Edit]] = {}
    for edit in permitted.edits:
        of_customer.setdefault(edit.customer_id, []).append(edit)
    moved: list[str] = []
    named: set[int] = set()
    for essence, edit in wanted.items():
        if essence not in allowed and edit.customer_id not in named:
            named.add(edit.customer_id)
            moved += _otherwise(edit, of_customer.get(edit.customer_id, ()), observed)
    for essence, edit in allowed.items():
        if essence in wanted or edit.customer_id in named:
            continue
        if not _done_or_begun(edit, of_customer[edit.customer_id], observed, rules):
            named.add(edit.customer_id)
            moved += _unwanted(edit, fresh, observed, rules)
    if moved:
        more = len(moved) - _NAMED_AT_MOST
        lines = [*moved[:_NAMED_AT_MOST], *([f"… and {more:,} more"] if more > 0 else [])]
        listed = "".join(f"\n  {line}" for line in lines)
        advice = "look at a new plan, and have that one approved"
        raise Refused(f"the plan {name} is stale; nothing was edited:{listed}", advice=advice)


def check_base(permitted: Plan, commit: str, name: str) -> None:
    """Raise `Refused` where the plan was made against another merge base than the one of now."""
    base = permitted.base
    if base is not None and base.commit != commit:
        raise Refused(
            f"the plan {name} is stale; nothing was edited:\n"
            f"  the merge base of {base.ref} and HEAD went from {base.commit[:12]} to {commit[:12]}",
            advice="look at a new plan, and have that one approved",
        )


def _by_essence(plan: Plan) -> dict[tuple[int, str, tuple[str, ...]], Edit]:
    """The edits by what is permitted of each: its request, its before-values, and who moved each attribute."""
    approved = zip(plan.edits, approvals(plan).edits, strict=True)
    return {
        (edit.customer_id, approval, tuple(change.kind for change in edit.changes)): edit
        for edit, approval in approved
    }


def _otherwise(
    edit: Edit, permitted: Sequence[Edit], observed: Mapping[int, ObservedCustomer]
) -> Iterator[str]:
    """How an edit that is wanted now differs from the one of its customer in the plan."""
    who = _customer(edit)
    before = next((it for it in permitted if it.temporary == edit.temporary), None)
    if before is None:
        yield f"{who} needs an edit that is not in the plan: {'; '.join(map(_from_to, edit.changes))}"
        return
    then = {change.attribute: change for change in before.changes}
    now = {change.attribute: change for change in edit.changes}
    moved = [
        part
        for attribute in dict.fromkeys([*then, *now])
        for part in _attribute_moved(then.get(attribute), now.get(attribute), observed[edit.customer_id])
    ]
    masked = ", ".join(printable(it.attribute) for it in edit.changes if it.masked)
    unseen = f"{masked} (masked) in YAML is not what the plan was to send"
    for part in moved or [
        unseen if before.masked_hash != edit.masked_hash else "the edit is not the one in the plan"
    ]:
        yield f"{who}: {part}"


def _attribute_moved(then: Change | None, now: Change | None, observed: ObservedCustomer) -> Iterator[str]:
    """What moved of one attribute since the plan was made: `then` is its change in the plan, `now` the one that is wanted."""
    if then is None and now is not None:
        yield f"{printable(now.attribute)} is to be edited too, which is not in the plan: {_from_to(now)}"
    elif now is None and then is not None:
        value = observed.values.get(then.attribute)
        is_now = "is gone from RPM" if value is None else f"is {_text(value, then)} in RPM"
        yield f"{printable(then.attribute)} {is_now} and needs no edit; the plan says {_from_to(then)}"
    elif now is not None and then is not None:
        path = printable(now.attribute)
        if now.masked != then.masked:
            yield f"{path} is {'masked now' if now.masked else 'not masked any more'}"
        elif not now.masked and now.before != then.before:
            yield f"{path} in RPM went from {_text(then.before, then)} to {_text(now.before, now)}"
        if not now.masked and not then.masked and now.after != then.after:
            yield f"{path} in YAML went from {_text(then.after, then)} to {_text(now.after, now)}"
        if now.kind is not then.kind:
            yield f"{path} was a {then.kind} and is a {now.kind} now"


def _unwanted(
    edit: Edit, fresh: Plan, observed: Mapping[int, ObservedCustomer], rules: CompareRules
) -> Iterator[str]:
    """Why an edit of the plan is not wanted any more, although RPM does not have its values."""
    who = _customer(edit)
    customer = observed.get(edit.customer_id)
    if customer is None:
        gone = edit.customer_id in {it.customer_id for it in fresh.missing}
        yield f"{who} is not in RPM any more" if gone else f"{who} is in no customer file any more"
        return
    for change in edit.changes:
        value = customer.values.get(change.attribute)
        if value is None or not rules.equal(change.attribute, value, change.after):
            yield f"{who}: " + next(_attribute_moved(change, None, customer))


def _done_or_begun(
    edit: Edit,
    of_customer: Collection[Edit],
    observed: Mapping[int, ObservedCustomer],
    rules: CompareRules,
) -> bool:
    """Whether RPM has what the edit sets; a temporary name is also done with once the edit that follows it is."""
    customer = observed.get(edit.customer_id)
    if customer is None:
        return False
    return any(_holds(it, customer, rules) for it in (of_customer if edit.temporary else (edit,)))


def _holds(edit: Edit, customer: ObservedCustomer, rules: CompareRules) -> bool:
    """Whether RPM has every value of the edit; a masked one is judged by the fresh plan, which knows it."""
    plain = [change for change in edit.changes if not change.masked]
    return len(status_of(plain, customer, rules).done) == len(plain)


def _customer(edit: Edit) -> str:
    return f"customer {edit.customer_id} ({printable(edit.name)})"


def _from_to(change: Change) -> str:
    """A change in words."""
    return (
        f"{printable(change.attribute)} from {_text(change.before, change)} to {_text(change.after, change)}"
    )


def _text(text: str, change: Change) -> str:
    """A value as a message may show it."""
    return "(masked)" if change.masked else f'"{shortened(text)}"'
