"""Differences of a plan -> which observed values may go into YAML, and why the others may not. Pure.

Only drift is taken: with a base, never what this branch changed, nor what both sides changed. A value is not adopted when no
file can contain it, when it is the temporary name of an unfinished rename, or when another file wants that name. Says nothing of
files on disk; `adopt` writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.core.field_types import normalize_name, plain
from reconciler.core.temporary_names import is_temporary
from reconciler.core.text import printable, shortened
from reconciler.customers.validation import unwritable_reason, with_file_line_ends
from reconciler.plan.model import Class

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer
    from reconciler.plan.model import Change, Plan
    from reconciler.plan.run import Compared


@dataclass(frozen=True, slots=True)
class Candidate:
    """One observed value to be written in place of a desired one."""

    customer_id: int
    customer: DesiredCustomer
    attribute: str
    text: str
    masked: bool

    @property
    def before(self) -> str:
        """What the file says so far."""
        return self.customer.values[self.attribute]


@dataclass(frozen=True, slots=True)
class NotAdopted:
    """A value that stays as the file has it, and why."""

    candidate: Candidate
    reason: str


def find_candidates(
    compared: Compared, customers: Iterable[DesiredCustomer], *, three_sides: bool
) -> list[Candidate]:
    """Every value of RPM that differs from YAML, by customer and attribute; with a base, drift and conflicts."""
    by_id, by_name = {}, {}
    for customer in customers:
        if customer.customer_id is None:
            by_name[plain(customer.name)] = customer
        else:
            by_id[customer.customer_id] = customer
    found = []
    for edit in sorted(compared.plan.edits, key=lambda edit: edit.customer_id):
        observed = compared.observed[edit.customer_id]
        for change in () if edit.temporary else edit.changes:
            if not three_sides or change.kind is not Class.CHANGE:
                # Not the change's own text: in a cycle of renames that is a temporary name, which is not there yet.
                text = with_file_line_ends(observed.values[change.attribute])
                desired = by_id.get(edit.customer_id) or by_name[plain(observed.name)]
                found.append(Candidate(edit.customer_id, desired, change.attribute, text, change.masked))
    return found


def conflicts_of(plan: Plan) -> dict[tuple[int, str], str]:
    """Why a person must decide, by customer and attribute, of each that both sides changed since base, or may have changed."""
    since = "base" if plan.base is None else printable(plan.base.name)
    return {
        (edit.customer_id, change.attribute): _conflict(change, since)
        for edit in plan.edits
        for change in edit.changes
        if change.kind is Class.CONFLICT
    }


def judge(
    candidates: Sequence[Candidate],
    customers: Iterable[DesiredCustomer],
    rules: CompareRules,
    conflicts: Mapping[tuple[int, str], str],
    asked: Collection[int],
) -> tuple[list[Candidate], list[NotAdopted]]:
    """The candidates that can be written, and the others; `asked` are the ids that were given, if any were."""
    kept, left = [], []
    for candidate in candidates:
        if conflict := conflicts.get((candidate.customer_id, candidate.attribute)):
            left.append(NotAdopted(candidate, conflict))
        elif reason := _impossible(candidate, rules):
            left.append(NotAdopted(candidate, reason))
        else:
            kept.append(candidate)
    while duplicates := _duplicate_names(kept, customers, asked):
        refused = {it.candidate.customer.key for it in duplicates}
        kept = [it for it in kept if it.attribute != "Name" or it.customer.key not in refused]
        left += duplicates
    return kept, left


def _conflict(change: Change, since: str) -> str:
    """Why a person must decide, with the value of each side; `since` is what base is called."""
    rpm, yaml = (
        "(masked)" if change.masked else f'"{shortened(text)}"' for text in (change.before, change.after)
    )
    if isinstance(change.base, str):
        base = "(masked)" if change.masked else f'"{shortened(change.base)}"'
        return f"conflict: changed in RPM and in YAML since {since}, where it was {base}; decide by hand: RPM {rpm}, YAML {yaml}"
    return f"conflict: its value at {since} cannot be read; decide by hand: RPM {rpm}, YAML {yaml} ({change.reason})"


def _impossible(candidate: Candidate, rules: CompareRules) -> str:
    """Why no file can contain the value, or nothing."""
    if candidate.attribute == "Name" and is_temporary(candidate.text, candidate.customer_id):
        return "it is the temporary name of an unfinished rename; run `reconciler apply` to finish it"
    return unwritable_reason(candidate.attribute, candidate.text, rules.field_types)


def _duplicate_names(
    kept: Iterable[Candidate], customers: Iterable[DesiredCustomer], asked: Collection[int]
) -> list[NotAdopted]:
    """The names that two files would have; leaving one may make another free, or taken."""
    renamed = {it.customer.key: it for it in kept if it.attribute == "Name"}
    holders: dict[str, list[DesiredCustomer]] = {}
    for customer in customers if renamed else ():
        candidate = renamed.get(customer.key)
        name = candidate.text if candidate else customer.name
        holders.setdefault(normalize_name(name), []).append(customer)
    found = []
    for sharing in holders.values():
        for customer in sharing if len(sharing) > 1 else ():
            if candidate := renamed.get(customer.key):
                other = next(it for it in sharing if it is not customer)
                selected = not asked or other.customer_id in asked
                aside = "" if selected else " and is not selected"
                reason = f"{other.mark()} has this name{aside}; adopt or change that one first"
                found.append(NotAdopted(candidate, reason))
    return found
