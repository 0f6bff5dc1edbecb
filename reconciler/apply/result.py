"""What became of each customer that an apply was to edit, exactly one of six results, and the exit code of it all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.apply.verify import mask_values
from reconciler.core.errors import ReconcilerError
from reconciler.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Edit, Missing, Plan


class Result(StrEnum):
    """How an edit ended; `unknown` is one that was sent and whose end could not be learnt."""

    EDITED = "edited"
    NOT_TAKEN = "not_taken"
    FAILED = "failed"
    HELD = "held"
    NOT_TRIED = "not_tried"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EditResult:
    """How one edit ended."""

    result: Result
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One customer's result, and in words what happened and what to do next."""

    customer_id: int
    name: str
    file: str
    line: int
    result: Result
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """The closing report of an apply: every planned customer once, and the calls as counted on the wire.

    `stopped` says why the run ended early, if it did. `sent` tells whether any edit left this machine.
    """

    outcomes: tuple[Outcome, ...]
    missing: tuple[Missing, ...]
    reads: int
    edits: int
    stopped: str = ""

    @property
    def sent(self) -> bool:
        """Whether any edit was sent."""
        return self.edits > 0

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """The customers with this result."""
        return tuple(outcome for outcome in self.outcomes if outcome.result is result)

    @property
    def done(self) -> bool:
        """Whether everything that was planned is so, and no customer is missing."""
        return len(self.of(Result.EDITED)) == len(self.outcomes) and not self.missing


def outcomes(
    plan: Plan, results: Mapping[int, EditResult], observed: Mapping[int, ObservedCustomer]
) -> tuple[Outcome, ...]:
    """Every planned customer once: the result of its last edit, or of its temporary rename where that failed.

    `results` go by the edit's place in the plan, and every edit has one.
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


def _outcome(edit: Edit, ended: EditResult, name: str) -> Outcome:
    """The result in the report's words; a temporary name that was left behind is told."""
    detail = mask_values(ended.detail, edit.changes)
    if ended.result is not Result.EDITED and not edit.temporary and name != edit.name:
        detail = f'{detail}; its name is "{printable(name)}" for now, and the next apply finishes it'
    return Outcome(edit.customer_id, edit.name, edit.file, edit.line, ended.result, detail)


def exit_code(report: ApplyReport, *, signal_number: int | None) -> int:
    """0 when all is done; the signal's code; 4 once an edit was sent or a customer is missing; else 3 or 1."""
    if signal_number is not None and not report.done:
        return 128 + signal_number
    if report.done and not report.stopped:
        return 0
    if report.sent or report.missing:
        return 4
    return 3 if report.of(Result.HELD) and not report.of(Result.FAILED) else ReconcilerError.exit_code
