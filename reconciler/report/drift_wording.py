"""The sentences that every format of a drift report shares. Pure.

What holds a text of RPM, YAML or git (an author, a date, a reason) comes out of here as it came in: the formats make it
safe. Counts are taken from the lists at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.report import sections, summaries
from reconciler.report.drift_sheet import Turn
from reconciler.report.sections import Item, Notice
from reconciler.report.view import PlanSheet

if TYPE_CHECKING:
    from reconciler.drift.model import Origin
    from reconciler.repo.git import Commit
    from reconciler.report.drift_sheet import Alike, DriftSheet

SYMBOLS: Final = {Turn.RENAMED: "±", Turn.EMPTIED: "-", Turn.FILLED: "+", Turn.CHANGED: "~"}
TITLES: Final = {
    Turn.RENAMED: "Renamed in RPM",
    Turn.EMPTIED: "Emptied in RPM",
    Turn.FILLED: "Filled in RPM where git says empty",
    Turn.CHANGED: "Changed in RPM",
}
GIT: Final = "git says"
RPM: Final = "RPM has"
_NAMED: Final = 3


def headline(sheet: DriftSheet) -> str:
    """The line that a busy reader can stop at."""
    plan = sheet.drift.plan
    if not sheet.drift.found and not plan.problems:
        equal = counted(plan.compared, "customer is", "customers are")
        return f"No drift. {equal} as git says ({counted(sheet.calls_made, 'call')})."
    parts = [_found(sheet), f"{plan.summary['unchanged']:,} as git says"]
    if plan.problems:
        parts.append(counted(len(plan.problems), "problem"))
    return summaries.DOT.join([*parts, f"{counted(sheet.calls_made, 'call')} made"])


def counts(sheet: DriftSheet) -> tuple[str, ...]:
    """Coverage and what `ignore` hid; an audit that found nothing at all to say keeps to its first line."""
    return summaries.counts(sheet.drift.plan)


def since(text: str) -> str:
    """Since when a customer is as it is, in RPM's own words."""
    return f"since {text}" if text else "RPM does not say since when"


def origin_sentences(origin: Origin, *, without_git: bool) -> list[str]:
    """Who set the YAML line, and whether RPM's value is one that git said before."""
    found = []
    if origin.set_by is not None:
        found.append(f"set by {origin.set_by.author}, {_when_and_which(origin.set_by)}")
    elif not without_git:
        found.append("the YAML line is not committed")
    if origin.earlier is not None:
        found.append(f"an old value came back: git said so at {_when_and_which(origin.earlier)}")
    return found


def shared_sentences(group: Alike, *, without_git: bool) -> list[str]:
    """Since when and by whom, of many customers with equal drift: each answer once, and no long list."""
    times = dict.fromkeys(customer.since for customer, _ in group.holders if customer.since)
    known = [
        sentence for _, it in group.holders for sentence in origin_sentences(it, without_git=without_git)
    ]
    said = list(dict.fromkeys(known))
    more = len(said) - _NAMED
    return [
        since(sections.listed(list(times), _NAMED)),
        *said[:_NAMED],
        *([f"and {counted(more, 'other answer')} from git"] if more > 0 else []),
    ]


def notices_of(sheet: DriftSheet) -> tuple[Notice, ...]:
    """Everything beside the drift, in the lists that a plan has too, and what `ignore` hid."""
    plan = sheet.drift.plan
    hidden: dict[str, int] = {}
    for aside in plan.ignored:
        hidden[aside.attribute] = hidden.get(aside.attribute, 0) + 1
    items = tuple(
        Item("", f"{name}: {counted(number, 'customer')}") for name, number in sorted(hidden.items())
    )
    asked = PlanSheet(plan, (), "", sheet.calls_made, sheet.created, sheet.tool_version)
    found = sections.of_plan(asked)
    return (*found, Notice("Hidden by `ignore`", items)) if items else found


def without_git(sheet: DriftSheet) -> str:
    """Why nobody is named, if so; the reason is git's own."""
    reason = sheet.drift.without_git
    return f"Who set the lines is not wholly known: {reason}." if reason else ""


def next_after_drift(sheet: DriftSheet) -> str:
    """What to do; nothing where there is nothing to do."""
    plan = sheet.drift.plan
    if plan.problems:
        return f"Next: mend {counted(len(plan.problems), 'problem')}, then audit again."
    if plan.edits:
        ids = [str(edit.customer_id) for edit in plan.edits]
        chosen = f" {' '.join(ids)}" if len(ids) <= _NAMED else ""
        return f"Next: `reconciler adopt{chosen}` takes RPM's values into YAML, `reconciler apply` puts git's back."
    if plan.missing:
        return "Next: see to what is missing: remove the file, or correct its CustomerID."
    return ""


def _found(sheet: DriftSheet) -> str:
    """Who drifted and who is gone."""
    plan = sheet.drift.plan
    attributes = sum(len(edit.changes) for edit in plan.edits)
    gone = f"{len(plan.missing):,} missing" if plan.missing else ""
    if not plan.edits:
        return f"Nobody drifted, {gone}" if gone else "Nobody drifted"
    first = f"{counted(len(plan.edited_ids), 'customer')} drifted ({counted(attributes, 'attribute')})"
    return f"{first}, {gone}" if gone else first


def _when_and_which(commit: Commit) -> str:
    """The day of a commit and the first digits of its name."""
    return f"{commit.date[:10]}, {commit.name[:8]}"
