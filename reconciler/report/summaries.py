"""The sentences that every format of a report shares: first lines, totals, remarks, and what to do next. Pure.

Numbers are counted from the lists at hand. A text of RPM, YAML or git is in none of these sentences but the remarks, which
keep it apart until a format makes it safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.apply.result import Result
from reconciler.core.text import MASKED, counted
from reconciler.core.values import UNSET
from reconciler.drift.model import NOT_COMMITTED, Cause
from reconciler.report.value_diff import quoted, shown_lines
from reconciler.report.view import Kind, KindWords, Remark, Sides, shown_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.apply.result import ApplyReport
    from reconciler.drift.audit import AuditResult
    from reconciler.drift.model import Drift, Origin
    from reconciler.plan.model import Base, Change, Edit, Plan, RuleChange
    from reconciler.repo.git.model import Commit
    from reconciler.report.view import Group, PlanSheet, Shown

DOT: Final = " · "
SYMBOLS: Final = {
    Kind.CONFLICT: "!",
    Kind.RENAME: "±",
    Kind.CLEAR: "-",
    Kind.FILL: "+",
    Kind.DRIFT: "~",
    Kind.CHANGE: "~",
}
PLAN_SIDES: Final = Sides("before", "after")
DRIFT_SIDES: Final = Sides("git says", "RPM has", labelled=True)
PLAN_KINDS: Final = {
    Kind.CONFLICT: KindWords("Conflicts: changed in RPM and in YAML since base", "conflict"),
    Kind.RENAME: KindWords("Renames, in working order", "rename"),
    Kind.CLEAR: KindWords("Cleared", "cleared"),
    Kind.DRIFT: KindWords("Drift: RPM was changed; applying puts it back", "drift"),
    Kind.CHANGE: KindWords("Changes", "change"),
}
DRIFT_KINDS: Final = {
    Kind.RENAME: KindWords("Names differ", "name"),
    Kind.CLEAR: KindWords("Empty in RPM", "empty in RPM"),
    Kind.FILL: KindWords("Empty in git", "empty in git"),
    Kind.CHANGE: KindWords("Values differ", "value"),
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
_NAMED: Final = 3


def plan_headline(sheet: PlanSheet) -> str:
    """The line that a busy reader can stop at."""
    plan = sheet.plan
    warnings = _warnings(sheet)
    if not plan.edits and not warnings:
        equal = counted(plan.compared, "customer is", "customers are")
        return f"No changes; {equal} equal in YAML and RPM ({counted(sheet.calls_made, 'call')})"
    edited = counted(len(plan.edited_ids), "customer")
    first = f"{edited} to edit ({_attributes(shown_changes(plan))})" if plan.edits else "No changes"
    calls = f"{counted(sheet.calls_made, 'call')} made, {counted(len(plan.edits), 'edit')} to come"
    return DOT.join([first, f"{plan.summary['unchanged']:,} unchanged", *warnings, calls])


def opening(plan: Plan) -> tuple[Remark, ...]:
    """What stands below a plan's headline: what changes of that which judges it, where its base stands, why so many edits."""
    return (*_rules_changed(plan.rules_changed), *_base(plan.base), *_minimum(plan))


def _rules_changed(changes: Iterable[RuleChange]) -> Iterator[Remark]:
    """The second line: a branch that changes its own judge says so there."""
    parts = [f"{it.setting} {_or_none(it.before)} → {_or_none(it.after)}" for it in changes]
    if parts:
        yield Remark("This branch changes what judges this plan: {}", "; ".join(parts))


def _or_none(text: str | None) -> str:
    return "none" if text is None else text


def _base(base: Base | None) -> Iterator[Remark]:
    """Where the base of a plan stands."""
    if base is None:
        return
    if base.first:
        yield Remark("This branch is the first, so every attribute counts as new: {}", base.first)
    if base.ahead:
        moved = f"{{}} has moved on by {counted(base.ahead, 'commit')} since this branch parted from it"
        touched = counted(len(base.touched), "customer")
        yield Remark(
            f"{moved}, and changed {touched} that this plan edits" if base.touched else moved, base.ref
        )


def _minimum(plan: Plan) -> tuple[Remark, ...]:
    """Why there are so many edits and no fewer; nothing where there are none."""
    if not plan.edits:
        return ()
    parts = [counted(len(plan.edited_ids), "customer")]
    if plan.cycles:
        broken = "a rename cycle" if plan.cycles == 1 else f"{plan.cycles:,} rename cycles"
        parts.append(f"{plan.cycles:,} more to break {broken}")
    return (Remark(f"{counted(len(plan.edits), 'edit')} (the minimum): {', '.join(parts)}"),)


def counts(plan: Plan) -> tuple[str, ...]:
    """What a plan or an audit only counts: coverage, and attributes that need no edit."""
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
    return tuple(lines)


def order_remarks(edit: Edit, temporary_name: str) -> tuple[Remark, ...]:
    """Why a rename runs when it does: through a temporary name, or after another customer's."""
    if temporary_name:
        return (Remark("breaks a rename cycle; temporary name: {}", temporary_name),)
    return tuple(Remark(f"after customer {other}, which frees the name") for other in edit.needs)


def reason_remarks(change: Change) -> tuple[Remark, ...]:
    """What the values of a change do not tell: why it is of its class, and that a masked one may move unseen."""
    unseen = (Remark("masked: a change in RPM after this plan was made would not be noticed"),)
    return ((Remark("{}", change.reason),) if change.reason else ()) + (unseen if change.unseen else ())


def base_lines(change: Shown) -> tuple[str, ...]:
    """What base says of a planned change, as lines to show: where that is a third value, of a conflict always."""
    if change.unsaid:
        return ("(cannot be read)",)
    if change.masked:
        return (MASKED,) if change.kind is Kind.CONFLICT else ()
    if change.base is UNSET or (
        change.base in {change.before, change.after} and change.kind is not Kind.CONFLICT
    ):
        return ()
    return shown_lines(change.base)


def change_remarks(change: Shown, *, base: bool = True) -> tuple[Remark, ...]:
    """What a person must know of a planned change beside its values; `base` is for formats that show it nowhere else."""
    if change.drift:
        return (Remark("drift: RPM was changed; applying puts it back"),)
    if change.kind is not Kind.CONFLICT:
        return ()
    if change.unsaid:
        return (Remark("conflict: base cannot be read, so who changed it is not known"),)
    said = (Remark("base has {}", quoted(change.base)),) if base and change.base is not UNSET else ()
    return (Remark("conflict: changed in RPM and in YAML since base"), *said)


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


def since(text: str) -> Remark:
    """Since when a customer is as it is, in RPM's own words."""
    return Remark("since {}", text) if text else Remark("RPM does not say since when")


def origin_remarks(origin: Origin, *, without_git: bool) -> tuple[Remark, ...]:
    """Who set the YAML line, and whether RPM's value is one that git said before."""
    found = []
    if origin.set_by is not None:
        found.append(Remark("set by {}", f"{origin.set_by.author}, {_day_and_commit(origin.set_by)}"))
    elif origin.unknown == NOT_COMMITTED:
        found.append(Remark("the YAML line is not committed"))
    elif not without_git:
        found.append(Remark("who set the YAML line is not known: {}", origin.unknown or "git was not asked"))
    if origin.earlier is not None:
        found.append(Remark("RPM has an earlier value of git, from {}", _day_and_commit(origin.earlier)))
    return tuple(found)


def shared_remarks(group: Group) -> tuple[Remark, ...]:
    """What is to be said of an equal change's customers: each remark once, and no long list."""
    attribute = group.change.attribute
    said = list(
        dict.fromkeys(it for customer in group.customers for it in customer.remarks.get(attribute, ()))
    )
    more = len(said) - _NAMED
    return (*said[:_NAMED], *([Remark(f"and {counted(more, 'other answer')}")] if more > 0 else []))


def shared_since(group: Group) -> Remark:
    """Since when these customers are as they are."""
    times = dict.fromkeys(customer.since for customer in group.customers if customer.since)
    return since(listed(list(times), _NAMED))


def without_git(drift: Drift) -> Remark | None:
    """Why nobody is named, if so; the reason is git's own."""
    reason = drift.without_git
    return Remark("It is not known who set every line: {}", reason) if reason else None


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
    """What is wrong beside the edits, counted."""
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


def _day_and_commit(commit: Commit) -> str:
    """The day of a commit and the first digits of its name."""
    return f"{commit.date[:10]}, {commit.name[:8]}"
