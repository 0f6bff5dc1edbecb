"""The endings of a plan's edits -> the closing report and its exit code. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.apply.result import ApplyReport, Outcome, Result
from reconciler.apply.verify import mask_values
from reconciler.core.errors import ReconcilerError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.apply.result import EditResult
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Edit, Plan


def outcomes(
    plan: Plan, results: Mapping[int, EditResult], observed: Mapping[int, ObservedCustomer]
) -> tuple[Outcome, ...]:
    """Every planned customer once: its last edit's ending, or the passing rename's where that failed.

    `endings` go by the edit's place in the plan, and every edit has one.
    """
    chosen: dict[int, int] = {}
    for place, edit in enumerate(plan.edits):
        earlier = chosen.get(edit.customer_id)
        if earlier is None or results[earlier].result is Result.EDITED:
            chosen[edit.customer_id] = place
    return tuple(
        _outcome(plan.edits[place], results[place], observed[customer_id].name)
        for customer_id, place in chosen.items()
    )


def _outcome(edit: Edit, ending: EditResult, name: str) -> Outcome:
    """The ending in the report's words; a passing name left behind is said."""
    detail = mask_values(ending.detail, edit.changes)
    if ending.result is not Result.EDITED and not edit.temporary and name != edit.name:
        detail = f'{detail}; its name is "{printable(name)}" for now, and the next apply finishes it'
    return Outcome(edit.customer_id, edit.name, edit.file, edit.line, ending.result, detail)


def exit_code(report: ApplyReport, *, signal_number: int | None) -> int:
    """0 when all is done; the signal's code; 4 once an edit was sent or a customer is missing; else 3 or 1."""
    if signal_number is not None and not report.done:
        return 128 + signal_number
    if report.done and not report.stopped:
        return 0
    if report.sent or report.missing:
        return 4
    return 3 if report.of(Result.HELD) and not report.of(Result.FAILED) else ReconcilerError.exit_code
