"""Everything that a report says beside the changes -> titled lists that every format shares. Pure.

A notice holds texts as they came, unescaped: each format makes them safe its own way. `urgent` notices are those that
ask for a person before an apply can do its work.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reconciler.apply.result import Result
from reconciler.core.text import counted
from reconciler.report.summaries import RESULTS, listed
from reconciler.report.view import Item, Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.apply.result import ApplyReport
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Aside, Missing, Plan


def of_plan(plan: Plan, refusals: Sequence[Refusal]) -> tuple[Notice, ...]:
    """The notices of a plan, those that are empty left out."""
    return _filled(
        Notice("Missing in RPM", _missing(plan.missing), urgent=True),
        Notice("Suspicious: the id looks pasted", _suspicious(plan), urgent=True),
        Notice("Problems", tuple(Item(str(it.mark), it.message) for it in plan.problems), urgent=True),
        Notice("Refusals: apply will not run", _refusals(refusals), urgent=True),
        Notice("CustomerIDs to add to the files", _unpinned(plan)),
        Notice("No longer managed since base: no edit", _asides(plan.released)),
        Notice("Notes", tuple(Item("", note) for note in plan.notes)),
    )


def of_drift(plan: Plan) -> tuple[Notice, ...]:
    """The notices of an audit: those of a plan, and what `ignore` hid."""
    hidden = Counter(aside.attribute for aside in plan.ignored)
    items = tuple(
        Item("", f"{name}: {counted(number, 'customer')}") for name, number in sorted(hidden.items())
    )
    return _filled(*of_plan(plan, ()), Notice("Hidden by `ignore`", items))


def of_report(report: ApplyReport) -> tuple[Notice, ...]:
    """The customers of an apply by result, the edited first, so that what went wrong stands next to the end."""
    by_result = [
        Notice(
            RESULTS[result].capitalize(),
            tuple(
                Item(f"{it.file}:{it.line}", f"{it.customer_id} {it.name}", it.detail)
                for it in report.of(result)
            ),
            urgent=result is not Result.EDITED,
        )
        for result in RESULTS
    ]
    stopped = (Item("", report.stopped),) if report.stopped else ()
    return _filled(
        *by_result,
        Notice("Missing in RPM", _missing(report.missing), urgent=True),
        Notice("Stopped early", stopped, urgent=True),
    )


def _filled(*notices: Notice) -> tuple[Notice, ...]:
    """The notices that say something."""
    return tuple(notice for notice in notices if notice.items)


def _missing(found: Iterable[Missing]) -> tuple[Item, ...]:
    """The customers that RPM does not have."""
    return tuple(
        Item(f"{it.file}:{it.line}", f"{it.customer_id or 'no id'} {it.name}", it.hint) for it in found
    )


def _refusals(refusals: Sequence[Refusal]) -> tuple[Item, ...]:
    """The reasons not to apply; a flag that lifts several in a row is named once, behind the last of them."""
    flags = [it.flag for it in refusals]
    following = [*flags, None][1:]
    return tuple(
        Item("", it.message, "" if flag == then else f"lifted by {flag}" if flag else "no flag lifts this")
        for it, flag, then in zip(refusals, flags, following, strict=True)
    )


def _suspicious(plan: Plan) -> tuple[Item, ...]:
    """The ids that look pasted, with the reason."""
    return tuple(
        Item(f"{it.file}:{it.line}", f"{it.customer_id} is {it.name} in RPM", it.reason)
        for it in plan.suspicious
    )


def _unpinned(plan: Plan) -> tuple[Item, ...]:
    """The line to add to each file that has no id."""
    return tuple(
        Item(f"{it.file}:{it.line}", f"CustomerID: {it.customer_id}", f"found by its name, {it.name}")
        for it in plan.unpinned
    )


def _asides(asides: Iterable[Aside]) -> tuple[Item, ...]:
    """An attribute a line, with the customers it is mentioned for."""
    holders: dict[str, list[str]] = {}
    for aside in asides:
        holders.setdefault(aside.attribute, []).append(str(aside.customer_id))
    return tuple(
        Item("", f"{attribute}: {counted(len(ids), 'customer')}: {listed(ids)}")
        for attribute, ids in sorted(holders.items())
    )
