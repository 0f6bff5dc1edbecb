"""The sentences that every format of a report shares: first lines, totals, and what stands between them. Pure.

Numbers are counted from the lists at hand. A text of RPM, YAML or git is in none of these sentences but those that are a `Remark`,
which keeps it apart until a format makes it safe.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.apply.result import Result
from reconciler.core.text import counted
from reconciler.drift.model import Cause
from reconciler.plan.model import SHORT
from reconciler.report.view import Kind, KindWords, Remark, Sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.apply.result import ApplyReport
    from reconciler.drift.audit import AuditResult
    from reconciler.drift.model import Drift
    from reconciler.plan.model import Base, Plan, RuleChange
    from reconciler.report.view import Customer, PlanSheet, Shown

DOT: Final = " · "
SYMBOLS: Final = {
    Kind.CONFLICT: "!",
    Kind.RENAME: "±",
    Kind.CLEAR: "-",
    Kind.FILL: "+",
    Kind.DRIFT: "~",
    Kind.CHANGE: "~",
}
DRIFT_SIDES: Final = Sides("git says", "RPM has", labelled=True)
_IN_FLIGHT: Final = 20
"""How many edits run at once, unless `parallel` says otherwise."""
_TURNS: Final = 20
"""After so many edits one after the other, the read that the next one rests on may well be older than `read_age`."""
_PLAN_KINDS: Final = {
    Kind.CONFLICT: KindWords(Remark("Conflicts: changed in RPM and in YAML since {}"), "conflict"),
    Kind.RENAME: KindWords(Remark("Renames, in working order"), "rename"),
    Kind.CLEAR: KindWords(Remark("Cleared"), "cleared"),
    Kind.DRIFT: KindWords(Remark("Drift: RPM was changed; applying puts it back"), "drift"),
    Kind.CHANGE: KindWords(Remark("Changes"), "change"),
}
DRIFT_KINDS: Final = {
    Kind.RENAME: KindWords(Remark("Names differ"), "name"),
    Kind.CLEAR: KindWords(Remark("Empty in RPM"), "empty in RPM"),
    Kind.FILL: KindWords(Remark("Empty in git"), "empty in git"),
    Kind.CHANGE: KindWords(Remark("Values differ"), "value"),
}
CAUSES: Final = {
    Cause.CHANGED_IN_RPM: "Changed in RPM",
    Cause.UNCLEAR: "Cause unclear: changed in RPM, or merged and not applied",
    Cause.NOT_APPLIED: "Merged and not applied yet",
}
RESULTS: Final = {
    Result.EDITED: "edited",
    Result.NOT_TRIED: "not tried",
    Result.HELD: "held",
    Result.FAILED: "failed",
    Result.NOT_TAKEN: "not taken",
    Result.UNKNOWN: "unknown",
}


def plan_headline(sheet: PlanSheet, customers: Iterable[Customer]) -> str:
    """The line that a busy reader can stop at; `customers` are those of the plan as they are shown."""
    plan = sheet.plan
    warnings = _warnings(sheet)
    if not plan.edits and not warnings:
        equal = counted(plan.compared, "customer is", "customers are")
        return f"No changes; {equal} equal in YAML and RPM ({counted(sheet.calls_made, 'call')})"
    edited = counted(len(plan.edited_ids), "customer")
    attributes = _attributes([change for customer in customers for change in customer.changes])
    first = f"{edited} to edit ({attributes})" if plan.edits else "No changes"
    calls = f"{counted(sheet.calls_made, 'call')} made, {_to_come(plan, sheet.kept)} to come"
    return DOT.join([first, f"{plan.summary['unchanged']:,} unchanged", *warnings, calls])


def _to_come(plan: Plan, kept: int) -> str:
    """The calls of an apply, with the reads that it makes of customers known from the snapshot, and may make again where edits wait for so long that it will."""
    edits, count = counted(len(plan.edits), "edit"), len(plan.edits)
    if max(plan.longest_chain, count // _IN_FLIGHT) >= _TURNS:
        return f"{edits} and at most {counted(count, 'more read')}"
    return f"{edits} and {counted(kept, 'more read')}" if kept else edits


def opening(plan: Plan) -> tuple[Remark, ...]:
    """What stands below a plan's headline: where its base stands, why so many edits."""
    return (*_base(plan.base), *_minimum(plan))


def rules_changed(changes: Iterable[RuleChange]) -> Remark | None:
    """The second line: a branch that changes its own judge says so there."""
    parts = [f"{it.setting} {_or_none(it.before)} → {_or_none(it.after)}" for it in changes]
    return Remark("This branch changes what judges this plan: {}", "; ".join(parts)) if parts else None


def _or_none(text: str | None) -> str:
    return "none" if text is None else text


def _base(base: Base | None) -> Iterator[Remark]:
    """Where the base of a plan stands."""
    if base is None:
        return
    if not base.first:
        name, commit = base.name, base.commit[:SHORT]
        yield Remark("Base: {}", commit if name == commit else f"{name} at {commit}")
    else:
        yield Remark("This branch is the first, so every attribute counts as new: {}", base.first)
    if base.ahead:
        moved = f"{{}} has moved on by {counted(base.ahead, 'commit')} since the merge base"
        touched = counted(len(base.touched), "customer")
        yield Remark(
            f"{moved}, and changed {touched} that this plan edits" if base.touched else moved, base.ref
        )


def plan_kinds(base: Base | None) -> dict[Kind, KindWords]:
    """What a plan calls the kinds of its changes."""
    since = plan_sides(base).base
    return {kind: replace(it, title=replace(it.title, text=since)) for kind, it in _PLAN_KINDS.items()}


def plan_sides(base: Base | None) -> Sides:
    """What the values of a plan's changes are called."""
    return Sides("before", "after") if base is None else Sides("before", "after", base=base.name)


def _minimum(plan: Plan) -> tuple[Remark, ...]:
    """Why there are so many edits and no fewer; nothing where there are none."""
    if not plan.edits:
        return ()
    parts = [counted(len(plan.edited_ids), "customer")]
    if plan.cycles:
        broken = "a rename cycle" if plan.cycles == 1 else f"{plan.cycles:,} rename cycles"
        parts.append(f"{plan.cycles:,} more to break {broken}")
    return (Remark(f"{counted(len(plan.edits), 'edit')} (the minimum): {', '.join(parts)}"),)


def counts(plan: Plan, reads_in_doubt: int) -> tuple[str, ...]:
    """What a plan or an audit only counts: coverage, attributes that need no edit, and reads that told nothing new."""
    covered = plan.listed - plan.unmanaged
    share = 100 * covered // plan.listed if plan.listed else 100
    lines = []
    if plan.unmanaged:
        lines.append(f"{counted(plan.unmanaged, 'customer')} in RPM without a file ({share} % covered)")
    if plan.converged:
        number = counted(len(plan.converged), "attribute")
        lines.append(f"{number} converged: changed in YAML and in RPM to the same value")
    if plan.ignored:
        lines.append(f"{counted(len(plan.ignored), 'difference')} hidden by `ignore`")
    if reads_in_doubt:
        lines.append(
            f"{counted(reads_in_doubt, 'read')} made to be sure: RPM's `Modified` could hide a change "
            "(it was less than two days old at the last read, or that answer had no Date)"
        )
    return tuple(lines)


def apply_headline(report: ApplyReport) -> str:
    """How an apply ended, in one line."""
    if not report.outcomes and not report.missing and not report.stopped:
        return f"No changes ({counted(report.reads, 'read')})"
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


def drift_headline(audit: AuditResult) -> str:
    """The line that a busy reader can stop at."""
    plan = audit.drift.plan
    if not audit.drift.found and not plan.problems:
        equal = counted(plan.compared, "customer is", "customers are")
        return f"No drift; {equal} equal in git and RPM ({counted(audit.calls_made, 'call')})"
    drifted = f"{counted(len(plan.edited_ids), 'customer')} drifted ({_by_cause(audit.drift)})"
    parts = [drifted if plan.edits else "No drift"]
    if plan.missing:
        parts = [f"{parts[0]}; {counted(len(plan.missing), 'customer')} missing in RPM"]
    parts.append(f"{plan.summary['unchanged']:,} equal")
    if plan.problems:
        parts.append(counted(len(plan.problems), "problem"))
    return DOT.join([*parts, f"{counted(audit.calls_made, 'call')} made"])


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few, and how many more."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more:,} more" if more > 0 else "")


def _attributes(changes: Sequence[Shown]) -> str:
    """How many attributes change, and those that a reader must not miss: conflicts, renames, clears, drift."""
    kinds = [change.kind for change in changes]
    found = [
        (kinds.count(Kind.CONFLICT), "conflict", "conflicts"),
        (sum(change.attribute == "Name" for change in changes), "rename", "renames"),
        (kinds.count(Kind.CLEAR), "cleared", "cleared"),
        (sum(change.drift for change in changes), "drifted", "drifted"),
    ]
    told = _each(found)
    if len(told) == 1 and any(number == len(changes) for number, _, _ in found):
        return told[0]
    return counted(len(changes), "attribute") + (f": {', '.join(told)}" if told else "")


def _by_cause(drift: Drift) -> str:
    """How many attributes drifted, and why."""
    causes = [drift.origin(it.customer_id, change).cause for it in drift.plan.edits for change in it.changes]
    words = {
        Cause.CHANGED_IN_RPM: "changed in RPM",
        Cause.UNCLEAR: "of unclear cause",
        Cause.NOT_APPLIED: "not applied yet",
    }
    attributes = counted(len(causes), "attribute")
    if len(set(causes)) == 1:
        return f"{attributes} {words[causes[0]]}"
    return f"{attributes}: {', '.join(_each((causes.count(it), said, said) for it, said in words.items()))}"


def _warnings(sheet: PlanSheet) -> list[str]:
    """What is wrong in addition to the edits, counted."""
    plan = sheet.plan
    return _each(
        [
            (len(plan.missing), "missing", "missing"),
            (len(plan.suspicious), "suspicious", "suspicious"),
            (len(plan.problems), "problem", "problems"),
            (len(sheet.refusals), "refusal", "refusals"),
        ]
    )


def _each(found: Iterable[tuple[int, str, str]]) -> list[str]:
    """The numbers that are not zero, each with its noun."""
    return [counted(number, one, many) for number, one, many in found if number]
