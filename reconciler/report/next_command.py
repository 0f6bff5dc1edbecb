"""A result and how its command was called -> what to do next, as whole commands to paste. Pure.

A command stands on the same ground as the result: the settings flags that were given, base, `--changed`, the selection and, for
`apply`, the digest. So, pasted as it stands, it does exactly what was shown, or refuses. A `--confirm-…` flag is never in
it: what is in the way is said after it, with the flag and its right number, for somebody to add by hand. A word that one
line of a shell between two backticks cannot contain is no command but told in words.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reconciler.apply.result import Result
from reconciler.core.text import counted, printable
from reconciler.drift.model import Cause
from reconciler.report.ci_escape import disarmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.apply.result import ApplyReport
    from reconciler.drift.model import Drift
    from reconciler.plan.guards import Refusal
    from reconciler.plan.model import Plan

_MOST_IDS: Final = 300
_MOST_FLAGS: Final = 200
_FIND_MISSING: Final = "remove the file of each missing customer, or correct its CustomerID, then"
_CHANGED, _UNCLEAR, _NOT_APPLIED = _ALONE = tuple(
    frozenset({cause}) for cause in (Cause.CHANGED_IN_RPM, Cause.UNCLEAR, Cause.NOT_APPLIED)
)
_AGAIN: Final = frozenset({Result.NOT_TRIED, Result.UNKNOWN})
_TO_FIX: Final = frozenset({Result.FAILED, Result.NOT_TAKEN})


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a command was called, as far as the next one must be called the same way.

    `settings` are the words of the settings flags that were given, each flag and its value a word; `plan_file` is the
    plan that `apply` or `show` was given. `asking` says that apply itself shows the plan and goes on to ask or to edit.
    """

    settings: tuple[str, ...] = ()
    base: str | None = None
    changed: bool = False
    select: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    plan_file: str = ""
    asking: bool = False

    def narrowed_to(self, ids: Iterable[int]) -> Invocation:
        """The same about these customers alone, whatever chose them before."""
        return replace(self, select=tuple(map(str, ids)), paths=(), plan_file="")


@dataclass(frozen=True, slots=True)
class NextStep:
    """One answer to a result: a command with what is said before and after it, or words alone."""

    command: str = ""
    before: str = ""
    after: str = ""

    @property
    def said(self) -> str:
        """The answer as a sentence, its command in single backticks."""
        command = f"`{self.command}`" if self.command else ""
        return f"{self.before}{command}{self.after}"


def after_plan(plan: Plan, refusals: Sequence[Refusal], digest: str, how: Invocation) -> tuple[NextStep, ...]:
    """What to do with a plan; nothing where there is nothing to do, or where `apply` goes on by itself."""
    if how.asking:
        return ()
    if plan.problems:
        fix = f"fix {counted(len(plan.problems), 'problem')}, then "
        return (_step("plan", how, before=fix, after="; until then apply sends nothing"),)
    if not plan.edits:
        return (_step("plan", how, before=f"{_FIND_MISSING} "),) if plan.missing else ()
    if any(not refusal.flag for refusal in refusals):
        return (
            _step(
                "plan",
                how,
                before="resolve the refusals above, then ",
                after="; until then apply sends nothing",
            ),
        )
    words = () if how.plan_file else ("--expect", digest)
    return (_step("apply", how, *words, after=_in_the_way(refusals)),)


def after_apply(report: ApplyReport, how: Invocation) -> tuple[NextStep, ...]:
    """What to do after an apply that did not do everything; nothing after one that did."""
    open_ones = [it for it in report.outcomes if it.outcome is not Result.EDITED]
    if not open_ones:
        return (_step("plan", how, before=f"{_FIND_MISSING} "),) if report.missing else ()
    if how.plan_file and {it.outcome for it in open_ones} <= _AGAIN and report.sent:
        return (
            _step(
                "apply",
                how,
                after=" finishes this plan; it reads first and sends only what is still to do",
            ),
        )
    to_fix = report.stopped or any(it.outcome in _TO_FIX for it in open_ones)
    before = "fix the causes, then " if to_fix and not report.of(Result.UNKNOWN) else ""
    after = " reads RPM and shows what is still to do; nothing is sent twice"
    if how.plan_file:
        return (_plan_of([it.customer_id for it in open_ones], how, before, after),)
    return (_step("plan", how, before=before, after=after),)


def after_drift(drift: Drift, how: Invocation) -> tuple[NextStep, ...]:
    """What answers an audit: a command for each cause, over the customers of which every attribute has that cause; then for what is missing."""
    plan = drift.plan
    if plan.problems:
        return (_step("drift", how, before=f"fix {counted(len(plan.problems), 'problem')}, then "),)
    found = (_step("drift", how, before=f"{_FIND_MISSING} "),) if plan.missing else ()
    if not plan.edits:
        return found
    ids = {causes: [it.customer_id for it in plan.edits if drift.causes(it) == causes] for causes in _ALONE}
    mixed = [it.customer_id for it in plan.edits if drift.causes(it) not in ids]
    there = "with that commit checked out, " if how.base is not None else ""
    how = replace(how, base=None)

    def named(some: Sequence[int]) -> Sequence[int] | None:
        """The ids to name; none where there are too many, and nothing else drifted."""
        return some if len(some) <= _MOST_IDS or len(some) < len(plan.edits) else None

    steps: list[NextStep] = []
    if changed := ids[_CHANGED]:
        steps += _either_way(named(changed), how, there, ("", " again"))
    if unclear := ids[_UNCLEAR]:
        steps += _either_way(named(unclear), how, there, (", if RPM is right", ", if YAML is right"))
    if waiting := ids[_NOT_APPLIED]:
        steps.append(_plan_of(named(waiting), how, there, " prepares what is merged and not applied yet"))
    if mixed:
        number = counted(len(mixed), "customer")
        steps.append(
            _plan_of(named(mixed), how, there, f" shows {number} whose attributes differ for several causes")
        )
    return (*steps, *found)


def _either_way(
    ids: Sequence[int] | None, how: Invocation, before: str, sides: tuple[str, str]
) -> list[NextStep]:
    """Take RPM's values of these customers (None: all that drifted), or set YAML's again."""
    if_rpm, if_yaml = sides
    return [
        _adopt(ids, how, before=before, after=f" writes RPM's values into YAML{if_rpm}"),
        _plan_of(ids, how, before, f" prepares to set YAML's values in RPM{if_yaml}"),
    ]


def _adopt(ids: Sequence[int] | None, how: Invocation, *, before: str, after: str) -> NextStep:
    """Take RPM's values of these customers; `adopt` without ids takes those of all."""
    if (ids is None and (how.select or how.paths)) or (ids is not None and len(ids) > _MOST_IDS):
        return NextStep(before=f"{before}reconciler adopt, with the ids above,", after=after)
    words = ("reconciler", "adopt", *how.settings, *map(str, ids or ()))
    return _pasted(words, "adopt", before, after)


def _plan_of(ids: Sequence[int] | None, how: Invocation, before: str, after: str) -> NextStep:
    """Look at a plan of these customers, or of all that drifted: those that the audit was about."""
    if ids is None:
        return _step("plan", how, before=before, after=after)
    if len(ids) > _MOST_IDS:
        return NextStep(before=f"{before}reconciler plan, with each id above as --select,", after=after)
    return _step("plan", how.narrowed_to(ids), before=before, after=after)


def _step(name: str, how: Invocation, *more: str, before: str = "", after: str = "") -> NextStep:
    """A command called as the one at hand was, with these words more; or that in words."""
    words = ["reconciler", name, *how.settings]
    if how.base is not None:
        words += ["--base", how.base]
    if how.changed:
        words.append("--changed")
    for word in how.select:
        words += ["--select", word]
    paths = (how.plan_file,) if how.plan_file and name == "apply" else how.paths
    words += more
    if any(path.startswith("-") for path in paths):
        words.append("--")
    return _pasted((*words, *paths), name, before, after, more)


def _pasted(words: Sequence[str], name: str, before: str, after: str, more: Sequence[str] = ()) -> NextStep:
    """The words as a line to paste, unless one of them cannot be shown in one."""
    line = shlex.join(words)
    if "`" in line or printable(line) != line or disarmed(line) != line:
        said = f"reconciler {name}, with the same flags and the same selection"
        return NextStep(
            before=f"{before}{' and '.join([said, *([' '.join(more)] if more else [])])}", after=after
        )
    return NextStep(line, before, after)


def _in_the_way(refusals: Sequence[Refusal]) -> str:
    """Which flags must be added by hand before apply does anything."""
    flags = list(dict.fromkeys(refusal.flag for refusal in refusals))
    if not flags:
        return ""
    named = " and ".join(flags)
    if len(named) > _MOST_FLAGS:
        named = "the flags named with the refusals"
    return f"; apply refuses this without {named}"
