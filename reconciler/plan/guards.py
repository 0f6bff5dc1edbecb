"""A plan and its limits -> the reasons why `apply` must not run, each naming the flag that lifts it. Pure.

`plan` shows refusals and goes on; `apply` stops at them with exit code 3 before any edit. Only a customer list that
cannot be trusted stops both (`check_list`), because a plan made from it would be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import Refused
from reconciler.core.text import counted, printable
from reconciler.core.values import NotSaid
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reconciler.plan.model import Plan
    from reconciler.repo.settings import Limits

PERCENT_FROM: Final = 10
SHRUNKEN_FROM: Final = 10
SHRUNKEN_PERCENT: Final = 20
NAMED_AT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the person at the keyboard has counted and confirmed."""

    edits: int | None = None
    conflicts: int | None = None
    identities: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason not to apply: a stable code, the words, and the flag that lifts it ("" when none does)."""

    code: str
    message: str
    flag: str = ""


def find_refusals(plan: Plan, limits: Limits, confirmed: Confirmed, calls_made: int) -> tuple[Refusal, ...]:
    """Every reason why this plan must not be applied as things are."""
    return (
        *_edits(plan, limits, confirmed),
        *_base(plan),
        *_conflicts(plan, confirmed),
        *_identities(plan, confirmed),
        *_calls(plan, limits, calls_made),
    )


def _edits(plan: Plan, limits: Limits, confirmed: Confirmed) -> Iterator[Refusal]:
    """Too many customers, or another number than the one confirmed."""
    count = len(plan.edited_ids)
    flag = f"--confirm-edits {count}"
    if confirmed.edits is not None:
        if confirmed.edits != count:
            text = f"--confirm-edits {confirmed.edits} was given, but the plan edits {counted(count, 'customer')}"
            yield Refusal("confirmed_edits", text, flag)
    elif count > limits.edits:
        text = f"the plan edits {counted(count, 'customer')}; limits.edits allows {limits.edits}"
        yield Refusal("limit_edits", text, flag)
    elif count >= PERCENT_FROM and 100 * count > limits.percent * plan.managed:
        share = f"{count} of {plan.managed} customers ({100 * count / plan.managed:.1f} %)"
        text = f"the plan edits {share}; limits.percent allows {limits.percent} %"
        yield Refusal("limit_percent", text, flag)


def _base(plan: Plan) -> Iterator[Refusal]:
    """A base that cannot be judged by, or that is older than REF now; no flag lifts these."""
    base = plan.base
    if base is None:
        return
    if base.unreadable:
        text = f"the settings at {base.name} cannot be read, so what it says is not known: {base.unreadable}"
        yield Refusal("base_unreadable", text)
    if base.touched:
        names = {edit.customer_id: edit.name for edit in plan.edits}
        several = ", ".join(f"{i} ({printable(names[i])})" for i in base.touched[:NAMED_AT_MOST])
        more = ", …" if len(base.touched) > NAMED_AT_MOST else ""
        moved = f"{base.ref} has moved on by {counted(base.ahead, 'commit')} and changed what this plan edits"
        yield Refusal("base_moved", f"{moved}: {several}{more}; merge {base.ref} into this branch")
    if base.behind:
        text = f"{base.ref} is {counted(base.behind, 'commit')} behind {base.upstream}: use --base {base.upstream}"
        yield Refusal("base_behind", text)


def _conflicts(plan: Plan, confirmed: Confirmed) -> Iterator[Refusal]:
    """Attributes that both RPM and this branch moved, unless their exact number is confirmed."""
    count = plan.count(Class.CONFLICT)
    flag = f"--confirm-conflicts {count}"
    if confirmed.conflicts is None and count:
        yield Refusal("conflict", "; ".join(_conflicting(plan, count)), flag)
    elif confirmed.conflicts is not None and confirmed.conflicts != count:
        text = f"--confirm-conflicts {confirmed.conflicts} was given, but the plan has {counted(count, 'conflict')}"
        yield Refusal("confirmed_conflicts", text, flag)


def _conflicting(plan: Plan, count: int) -> Iterator[str]:
    """What so many conflicts are: changed on both sides, or not known to be, because base cannot be read."""
    unknown = sum(
        isinstance(it.base, NotSaid) for edit in plan.edits if not edit.temporary for it in edit.changes
    )
    if known := count - unknown:
        were = counted(known, "attribute was", "attributes were")
        yield f"{were} changed both in RPM and on this branch, to different values"
    if unknown:
        differ = counted(unknown, "attribute differs", "attributes differ")
        name = "base" if plan.base is None else plan.base.name
        yield f"{differ} in RPM and on this branch, and what {name} says cannot be read"


def _identities(plan: Plan, confirmed: Confirmed) -> Iterator[Refusal]:
    """Ids that look pasted, unless each is confirmed; so many at once are one reason, because each flag names all."""
    doubtful = [found for found in plan.suspicious if found.customer_id not in confirmed.identities]
    flag = "--confirm-identity " + ",".join(str(found.customer_id) for found in plan.suspicious)
    texts = [
        f"{found.file}:{found.line} looks like another customer's file: "
        f"in RPM {found.customer_id} is {found.name}, and {found.reason}"
        for found in doubtful
    ]
    if len(texts) > NAMED_AT_MOST:
        texts = [f"{len(texts)} files look like other customers' files; the first: {texts[0]}"]
    for text in texts:
        yield Refusal("suspicious", text, flag)


def _calls(plan: Plan, limits: Limits, calls_made: int) -> Iterator[Refusal]:
    """More calls than this command may make, counted before the first edit."""
    needed = calls_made + len(plan.edits)
    if plan.edits and needed > limits.calls:
        text = f"{counted(calls_made, 'call was', 'calls were')} made and {counted(len(plan.edits), 'edit is', 'edits are')} to come; limits.calls allows {limits.calls}"
        yield Refusal("limit_calls", text, f"--max-calls {needed}")


def check_list(listed: Collection[int], ids: Collection[int]) -> None:
    """Raise `Refused` when the customer list lacks so much of what YAML names that it cannot be the truth.

    An empty answer is RPM's way of saying several things (`rpm-api.md` section 2.1), so it is never taken for
    "no customers" while YAML has ids; nor is a list without more than a fifth of them.
    """
    absent = [customer_id for customer_id in ids if customer_id not in listed]
    if ids and not listed:
        what = f"RPM lists no customers, but YAML names {len(ids)} by id"
    elif len(ids) >= SHRUNKEN_FROM and 100 * len(absent) > SHRUNKEN_PERCENT * len(ids):
        what = f"RPM's customer list lacks {len(absent)} of the {len(ids)} customers that YAML names by id"
    else:
        return
    advice = "check the key's rights and that it belongs to this subscription; nothing was edited"
    raise Refused(f"reading the customer list: {what}", advice=advice)
