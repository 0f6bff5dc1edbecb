"""What became of each customer that an apply was to edit: exactly one of six results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.plan.model import Missing


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
