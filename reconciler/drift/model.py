"""What RPM has that git did not say, with since when and who set the line. Values.

Two sides: YAML (of the checkout, or of a commit) and RPM, so every difference is drift. `since` is RPM's `Modified` of
the customer, an opaque text (`rpm-api.md` section 5); `set_by` is the commit that last touched the YAML line; `earlier`
is the commit at which git itself said what RPM has now, when there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.plan.model import Change, Plan
    from reconciler.repo.git import Commit


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attribute's YAML value comes from: who set its line, and when git last said RPM's value."""

    set_by: Commit | None = None
    earlier: Commit | None = None


NOWHERE = Origin()


@dataclass(frozen=True, slots=True)
class Drift:
    """One audit. `plan` holds the differences, `since` RPM's `Modified` by customer.

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
