"""What RPM has that git did not say: since when, who set the line, and why the two differ. Values.

Two sides: YAML (of the checkout, or of a commit) and RPM, so every difference is drift. `since` is RPM's `Modified` of
the customer, an opaque text (`rpm-api.md` section 5); `set_by` is the commit that gave the attribute the value that YAML
has; `earlier` is the commit that last gave it what RPM has, when there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.model import Change, Edit, Plan
    from reconciler.repo.git.model import Commit


class Cause(StrEnum):
    """Why an attribute differs (the table is in `cause`)."""

    CHANGED_IN_RPM = "changed_in_rpm"
    NOT_APPLIED = "not_applied"
    UNCLEAR = "unclear"


NOT_COMMITTED: Final = "the line is not committed"
"""What `unknown` is where the checkout has a value that its commit does not have."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attribute's YAML value comes from; `unknown` says why `set_by` is None where git was asked."""

    set_by: Commit | None = None
    earlier: Commit | None = None
    cause: Cause = Cause.UNCLEAR
    unknown: str = ""


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Drift:
    """One audit. `plan` has the differences, `since` RPM's `Modified` by customer.

    `origins` go by customer and attribute. `without_git` says why nobody could be named, if so.
    """

    plan: Plan
    since: Mapping[int, str]
    origins: Mapping[tuple[int, str], Origin] = field(default_factory=dict)
    without_git: str = ""

    @property
    def found(self) -> bool:
        """Whether there is any drift; a missing customer is some."""
        return bool(self.plan.edits or self.plan.missing)

    def origin(self, customer_id: int, change: Change) -> Origin:
        """What git knows of one drifted attribute."""
        return self.origins.get((customer_id, change.attribute), NOWHERE)

    def causes(self, edit: Edit) -> frozenset[Cause]:
        """Why the attributes of a customer differ."""
        return frozenset(self.origin(edit.customer_id, change).cause for change in edit.changes)

    @property
    def not_applied(self) -> tuple[int, ...]:
        """The customers of which every drifted attribute is merged and not yet applied."""
        return tuple(it.customer_id for it in self.plan.edits if self.causes(it) == {Cause.NOT_APPLIED})
