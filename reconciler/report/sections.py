"""Everything that a report says but the changes -> titled lists that every format shares. Pure.

A notice has texts as they came, unescaped: each format makes them safe its own way. `urgent` notices are those that
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

    from reconciler.apply.result import ApplyReport, Outcome
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Aside, Base, Missing, Plan


def of_plan(plan: Plan, refusals: Sequence[Refusal]) -> tuple[Notice, ...]:
    """The notices of a plan, those that are empty left out."""
    base = "base" if plan.base is None else plan.base.name
    return _filled(
        Notice("Missing in RPM", _missing(plan.missing), urgent=True),
        Notice("Suspicious: the id looks pasted", _suspicious(plan), urgent=True),
        Notice("Problems", tuple(Item(it.message, str(it.mark)) for it in plan.problems), urgent=True),
        Notice("Refusals: apply will not run", _refusals(refusals), urgent=True),
        Notice("Not readable at {}, so not said", _not_said(plan.base), urgent=True, about=base),
        Notice("CustomerIDs to add to the files", _unpinned(plan)),
        Notice("No longer managed since {}: no edit", _asides(plan.released), about=base),
        Notice("Notes", tuple(map(Item, plan.notes))),
    )


def _not_said(base: Base | None) -> tuple[Item, ...]:
    """What base has and cannot be read."""
    return () if base is None else tuple(Item(str(it.mark), it.message) for it in base.not_said)


def of_drift(plan: Plan) -> tuple[Notice, ...]:
    """The notices of an audit: those of a plan, and what `ignore` hid."""
    hidden = Counter(aside.attribute for aside in plan.ignored)
    items = tuple(Item(f"{name}: {counted(number, 'customer')}") for name, number in sorted(hidden.items()))
    return _filled(*of_plan(plan, ()), Notice("Hidden by `ignore`", items))


def of_report(report: ApplyReport) -> tuple[Notice, ...]:
    """What became of the customers of an apply: what went well first, so that what is not done stands next to the end."""
    causes = {outcome.cause for outcome in report.outcomes}
    stopped = () if report.stopped in causes else (Item(report.stopped),)
    return _filled(
        Notice(
            "Edited", tuple(_customer(it) for it in report.of(Result.EDITED) if not it.cause), repeats=True
        ),
        Notice("Edited, with a note", _causes(it for it in report.of(Result.EDITED) if it.cause)),
        *(
            Notice(words.capitalize(), _causes(report.of(result)), urgent=True)
            for result, words in RESULTS.items()
            if result is not Result.EDITED
        ),
        Notice("Missing in RPM", _missing(report.missing), urgent=True),
        Notice("Stopped early", stopped if report.stopped else (), urgent=True),
    )


def _causes(outcomes: Iterable[Outcome]) -> tuple[Item, ...]:
    """Each cause with what to do about it once, above its customers; the cause of the most customers comes first."""
    found: dict[tuple[str, str], list[Item]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.cause, outcome.advice), []).append(_customer(outcome))
    ordered = sorted(found.items(), key=lambda pair: -len(pair[1]))
    return tuple(Item(cause, advice=advice, below=tuple(those)) for (cause, advice), those in ordered)


def _customer(outcome: Outcome) -> Item:
    """A customer by the name that YAML gives it, with the one in RPM after it where that was or is another."""
    name = outcome.name
    if outcome.new_name and outcome.new_name != name:
        which = "was" if outcome.outcome is Result.EDITED else "in RPM:"
        name = f"{outcome.new_name} ({which} {name})"
    place = f"{outcome.file}:{outcome.line}"
    return Item(f"{outcome.customer_id} {name}", place, outcome.note, customer=True)


def _filled(*notices: Notice) -> tuple[Notice, ...]:
    """The notices that say something."""
    return tuple(notice for notice in notices if notice.items)


def _missing(found: Iterable[Missing]) -> tuple[Item, ...]:
    """The customers that RPM does not have."""
    return tuple(
        Item(
            f"{it.customer_id} {it.name}" if it.customer_id else f"{it.name} (no CustomerID)",
            f"{it.file}:{it.line}",
            it.hint,
            customer=True,
        )
        for it in found
    )


def _refusals(refusals: Sequence[Refusal]) -> tuple[Item, ...]:
    """The reasons not to apply; a flag that lifts several in a row is named once, after the last of them."""
    flags = [it.flag for it in refusals]
    following = [*flags, None][1:]
    return tuple(
        Item(it.message, advice="" if flag == then else f"lifted by {flag}" if flag else "no flag lifts this")
        for it, flag, then in zip(refusals, flags, following, strict=True)
    )


def _suspicious(plan: Plan) -> tuple[Item, ...]:
    """The ids that look pasted, with the reason."""
    return tuple(
        Item(f"{it.customer_id} is {it.name} in RPM", f"{it.file}:{it.line}", it.reason)
        for it in plan.suspicious
    )


def _unpinned(plan: Plan) -> tuple[Item, ...]:
    """The line to add to each file that has no id."""
    return tuple(
        Item(f"CustomerID: {it.customer_id}", f"{it.file}:{it.line}", f"found by its name, {it.name}")
        for it in plan.unpinned
    )


def _asides(asides: Iterable[Aside]) -> tuple[Item, ...]:
    """An attribute a line, with the customers it is mentioned for."""
    holders: dict[str, list[str]] = {}
    for aside in asides:
        holders.setdefault(aside.attribute, []).append(str(aside.customer_id))
    return tuple(
        Item(f"{attribute}: {counted(len(ids), 'customer')}: {listed(ids)}")
        for attribute, ids in sorted(holders.items())
    )
