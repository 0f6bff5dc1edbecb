"""The sentences that every format of a report shares: first lines, totals, and what to do next. Pure.

Numbers are counted from the lists at hand. Nothing here holds a text of RPM or YAML, so nothing here needs escaping,
but for the flags that `next_after_plan` repeats, which are our own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.apply.result import Result
from reconciler.core.text import counted
from reconciler.plan.model import Class
from reconciler.report.view import Rank, customers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.apply.result import ApplyReport
    from reconciler.plan.model import Plan
    from reconciler.report.view import PlanSheet, Shown

DOT: Final = " · "
SYMBOLS: Final = {
    Rank.CONFLICT: "!",
    Rank.RENAME: "±",
    Rank.CLEAR: "-",
    Rank.DRIFT: "~",
    Rank.CHANGE: "~",
}
RESULTS: Final = {
    Result.EDITED: "edited",
    Result.NOT_TRIED: "not tried",
    Result.HELD: "held",
    Result.FAILED: "failed",
    Result.NOT_TAKEN: "not taken",
    Result.UNKNOWN: "unknown",
}
_LONG: Final = 200
_DRIFT: Final = "drift: RPM was changed, this puts it back"


def symbol(change: Shown) -> str:
    """What a change is, in one character."""
    return SYMBOLS[change.rank]


def why(change: Shown) -> str:
    """What a person must know of a change beside its values; a conflict's base value comes behind this."""
    if change.kind is Class.DRIFT:
        return _DRIFT
    return "conflict: RPM and YAML both moved" if change.kind is Class.CONFLICT else ""


def headline(sheet: PlanSheet) -> str:
    """The line that a busy reader can stop at."""
    plan = sheet.plan
    warnings = _warnings(sheet)
    if not plan.edits and not warnings:
        equal = counted(plan.compared, "customer is", "customers are")
        return f"Nothing to do. {equal} as YAML says ({counted(sheet.calls_made, 'call')})."
    edited = len(plan.edited_ids)
    first = (
        f"{counted(edited, 'customer')} to edit{_in_brackets(_kinds(plan))}" if edited else "Nothing to edit"
    )
    calls = f"{counted(sheet.calls_made, 'call')} made, {counted(len(plan.edits), 'edit')} to come"
    return DOT.join([first, f"{plan.summary['unchanged']:,} unchanged", *warnings, calls])


def fewest(plan: Plan) -> str:
    """Why there are so many edits and no fewer; nothing where there are none."""
    if not plan.edits:
        return ""
    sum_of = counted(len(plan.edited_ids), "customer")
    if plan.cycles:
        sum_of += f" + {counted(plan.cycles, 'cycle')} of names"
    number = len(plan.edits)
    fewest_of = "the fewest there can be" if number > 1 else "and fewer cannot do"
    return f"{counted(number, 'edit')}: {sum_of}, {fewest_of}."


def counts(plan: Plan) -> tuple[str, ...]:
    """What the plan only counts: coverage, and attributes that need no edit."""
    covered = plan.listed - plan.unmanaged
    share = 100 * covered // plan.listed if plan.listed else 100
    lines = []
    if plan.unmanaged:
        lines.append(f"{counted(plan.unmanaged, 'customer')} in RPM without a file ({share} % covered).")
    if plan.converged:
        number = counted(len(plan.converged), "attribute")
        lines.append(f"{number} converged: YAML and RPM both moved, to the same value.")
    if plan.ignored:
        lines.append(f"{counted(len(plan.ignored), 'difference')} hidden by `ignore`.")
    return tuple(lines)


def next_after_plan(sheet: PlanSheet) -> str:
    """What to do with the plan; nothing where there is nothing to do."""
    plan = sheet.plan
    if plan.problems:
        return f"Next: mend {counted(len(plan.problems), 'problem')}; until then apply sends nothing."
    if not plan.edits:
        return "Next: see to what is missing; there is nothing to apply." if plan.missing else ""
    flags = list(dict.fromkeys(refusal.flag for refusal in sheet.refusals if refusal.flag))
    if not all(refusal.flag for refusal in sheet.refusals):
        return "Next: see to the refusals; until then apply sends nothing."
    if flags:
        named = f"`apply {' '.join(flags)}`"
        return f"Next: if all this is meant, run {named if len(named) <= _LONG else 'apply with the flags named with the refusals'}."
    return "Next: review, then apply; `apply --expect DIGEST` runs this plan or none."


def headline_after_apply(report: ApplyReport) -> str:
    """How an apply ended, in one line."""
    if not report.outcomes and not report.missing and not report.stopped:
        return f"Nothing to do ({counted(report.reads, 'read')})."
    done = f"{len(report.of(Result.EDITED)):,} of {counted(len(report.outcomes), 'customer')} edited"
    others = [
        f"{len(report.of(result)):,} {word}"
        for result, word in RESULTS.items()
        if result is not Result.EDITED and report.of(result)
    ]
    if report.missing:
        others.append(f"{len(report.missing):,} missing")
    calls = f"{counted(report.reads, 'read')} and {counted(report.edits, 'edit')} made"
    return DOT.join([done, *others, calls])


def next_after_apply(report: ApplyReport) -> str:
    """What to do after an apply that did not do everything; nothing after one that did."""
    if report.of(Result.UNKNOWN):
        return "Next: run apply again; it reads first and sends only what is still to do."
    if report.of(Result.NOT_TAKEN):
        return "Next: see why RPM did not take these values before sending them again."
    if len(report.of(Result.EDITED)) < len(report.outcomes):
        return "Next: see to the causes, then apply again; nothing is sent twice."
    return "Next: see to what is missing; everything else is done." if report.missing else ""


def _kinds(plan: Plan) -> list[str]:
    """The changes a reader must not miss, counted: conflicts, renames, clears, drift."""
    ranks = [change.rank for customer in customers(plan) for change in customer.changes]
    kinds = [
        (plan.count(Class.CONFLICT), "conflict", "conflicts"),
        (len(plan.renames), "rename", "renames"),
        (ranks.count(Rank.CLEAR), "cleared", "cleared"),
        (plan.count(Class.DRIFT), "drifted", "drifted"),
    ]
    return [counted(number, one, many) for number, one, many in kinds if number]


def _warnings(sheet: PlanSheet) -> list[str]:
    """What is wrong beside the edits, counted."""
    plan = sheet.plan
    found = [
        (len(plan.missing), "missing", "missing"),
        (len(plan.suspicious), "suspicious", "suspicious"),
        (len(plan.problems), "problem", "problems"),
        (len(sheet.refusals), "refusal", "refusals"),
    ]
    return [counted(number, one, many) for number, one, many in found if number]


def _in_brackets(parts: Iterable[str]) -> str:
    """The parts in brackets, or nothing."""
    inside = ", ".join(parts)
    return f" ({inside})" if inside else ""
