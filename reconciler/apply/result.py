"""What became of each customer that an apply was to edit, exactly one of six results, and the exit code of it all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from reconciler.apply.verify import mask_values
from reconciler.core.errors import ReconcilerError
from reconciler.core.field_types import plain
from reconciler.core.text import MASKED, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Change, Edit, Missing, Plan
    from reconciler.plan.run import PlanResult


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
    """How one edit ended: `cause` and `advice` name no customer, `doing` is the call that failed and may."""

    result: Result
    cause: str = ""
    advice: str = ""
    doing: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One customer's result. `cause` and `advice` are equal for customers whose edits ended for the same reason.

    `name` is the customer's name in RPM when the plan was made, `new_name` the one that YAML gives it, "" where that is no
    other. `note` is about this customer alone.
    """

    customer_id: int
    name: str
    file: str
    line: int
    outcome: Result
    cause: str = ""
    advice: str = ""
    doing: str = ""
    note: str = ""
    new_name: str = ""

    @property
    def detail(self) -> str:
        """What happened, to which call, and what to do next, as one sentence."""
        happened = ": ".join(part for part in (self.doing, self.cause) if part)
        return "; ".join(part for part in (happened, self.advice, self.note) if part)


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """The closing report of an apply: every planned customer once, and the calls as counted on the wire.

    `stopped` says why the run ended early, if it did; `refused` is the plan of a run that was not allowed to begin. `sent`
    tells whether any edit left this machine.
    """

    outcomes: tuple[Outcome, ...]
    missing: tuple[Missing, ...]
    reads: int
    edits: int
    stopped: str = ""
    refused: PlanResult | None = None

    @property
    def sent(self) -> bool:
        """Whether any edit was sent."""
        return self.edits > 0

    def of(self, result: Result) -> tuple[Outcome, ...]:
        """The customers with this result."""
        return tuple(it for it in self.outcomes if it.outcome is result)

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
    renames: dict[int, Change] = {}
    temporary = {
        it.customer_id: it.rename.after for it in plan.edits if it.temporary and it.rename is not None
    }
    for place, edit in enumerate(plan.edits):
        earlier = chosen.get(edit.customer_id)
        if earlier is None or results[earlier].result is Result.EDITED:
            chosen[edit.customer_id] = place
        if edit.rename is not None:
            renames[edit.customer_id] = edit.rename  # after a temporary one comes the wanted one
    return tuple(
        _outcome(
            plan.edits[place],
            results[place],
            renames.get(customer_id),
            left_as=_left_as(observed[customer_id].name, temporary.get(customer_id)),
        )
        for customer_id, place in chosen.items()
    )


def _left_as(name: str, temporary: str | None) -> str:
    """The name that RPM has, if it is this temporary one; RPM may keep it in another Unicode form."""
    return name if temporary is not None and plain(name) == plain(temporary) else ""


def _outcome(edit: Edit, ended: EditResult, rename: Change | None, *, left_as: str) -> Outcome:
    """The result in the report's words; a temporary name of this plan that was left is told."""
    masked = rename is not None and rename.masked
    note = ""
    if left_as and ended.result is not Result.EDITED and not edit.temporary:
        called = MASKED if masked else printable(left_as)
        note = f'its name is "{called}" for now, and the next apply finishes it'
    cause, advice, doing = (
        mask_values(text, edit.changes) for text in (ended.cause, ended.advice, ended.doing)
    )
    return Outcome(
        edit.customer_id,
        MASKED if masked else edit.name,
        edit.file,
        edit.line,
        ended.result,
        cause,
        advice,
        doing,
        note,
        "" if rename is None else MASKED if masked else rename.after,
    )


def exit_code(report: ApplyReport, *, signal_number: int | None) -> int:
    """0 when all is done; the signal's code; 4 once an edit was sent or a customer is missing; else 3 or 1."""
    if signal_number is not None and not report.done:
        return 128 + signal_number
    if report.done and not report.stopped:
        return 0
    if report.sent or report.missing:
        return 4
    return 3 if report.of(Result.HELD) and not report.of(Result.FAILED) else ReconcilerError.exit_code
