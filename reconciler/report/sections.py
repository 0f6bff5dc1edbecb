"""Everything that a report says beside the edits -> titled lists that every format shares. Pure.

A notice holds texts as they came, unescaped: each format makes them safe its own way. `urgent` notices are those that
ask for a person before an apply can do its work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.apply.result import Result
from reconciler.core.text import counted
from reconciler.report.summaries import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.apply.result import ApplyReport
    from reconciler.plan.model import Aside, Missing, Plan
    from reconciler.report.view import PlanSheet


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a notice: a place or an id ("" for none), what is said, and what to do about it."""

    place: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A titled list; `urgent` says that somebody must see to it."""

    title: str
    items: tuple[Item, ...]
    urgent: bool = False

    @property
    def heading(self) -> str:
        """The title with the number of items."""
        return f"{self.title} ({len(self.items):,})"


def of_plan(sheet: PlanSheet) -> tuple[Notice, ...]:
    """The notices of a plan, those that are empty left out."""
    plan = sheet.plan
    every = (
        Notice("Missing in RPM", _missing(plan.missing), urgent=True),
        Notice("Suspicious: the id looks pasted", _suspicious(plan), urgent=True),
        Notice("Problems", tuple(Item(str(it.mark), it.message) for it in plan.problems), urgent=True),
        Notice("Refusals: apply will not run", _refusals(sheet), urgent=True),
        Notice("Ids to write down", _unpinned(plan)),
        Notice("No longer managed since base, no edit", _asides(plan.released)),
        Notice("Notes", tuple(Item("", note) for note in plan.notes)),
    )
    return tuple(notice for notice in every if notice.items)


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
    every = (
        *by_result,
        Notice("Missing in RPM", _missing(report.missing), urgent=True),
        Notice("Stopped early", stopped, urgent=True),
    )
    return tuple(notice for notice in every if notice.items)


def _missing(found: Iterable[Missing]) -> tuple[Item, ...]:
    """The customers that RPM does not have."""
    return tuple(
        Item(f"{it.file}:{it.line}", f"{it.customer_id or 'no id'} {it.name}", it.hint) for it in found
    )


def _refusals(sheet: PlanSheet) -> tuple[Item, ...]:
    """The reasons not to apply; a flag that lifts several in a row is named once, behind the last of them."""
    flags = [it.flag for it in sheet.refusals]
    following = [*flags, None][1:]
    return tuple(
        Item("", it.message, "" if flag == then else f"lifted by {flag}" if flag else "no flag lifts this")
        for it, flag, then in zip(sheet.refusals, flags, following, strict=True)
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


def listed(names: list[str], most: int = 5) -> str:
    """The first few, and how many more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")
