"""An audit -> what its renderers show: drifted customers, what git says and what RPM has of each, equal ones as groups.

Masking is done here, once: of a masked value no renderer holds a character. Equal drift is an equal `Difference`, so
grouping is a dictionary and nothing else. This module orders and regroups; it must not judge nor word anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from reconciler.report.value_diff import Contrast, contrast
from reconciler.report.view import MASKED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.drift.model import Drift, Origin
    from reconciler.plan.model import Change, Edit


@dataclass(frozen=True, slots=True)
class DriftSheet:
    """An audit, when it was made (ISO form), the calls it took, and by which version."""

    drift: Drift
    created: str
    calls_made: int
    tool_version: str


class Turn(IntEnum):
    """What became of an attribute in RPM; the lowest comes first and is left out last."""

    RENAMED = 0
    EMPTIED = 1
    FILLED = 2
    CHANGED = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute on both sides; of a masked one, both texts are empty."""

    attribute: str
    git: str
    rpm: str
    masked: bool = False

    @property
    def turn(self) -> Turn:
        """What happened; whether a masked value was emptied is not told."""
        if self.attribute == "Name":
            return Turn.RENAMED
        if self.masked or (self.git and self.rpm):
            return Turn.CHANGED
        return Turn.FILLED if self.rpm else Turn.EMPTIED

    @property
    def sides(self) -> Contrast:
        """What may be shown of the two: git's lines as `before`, RPM's as `after`."""
        if self.masked:
            return Contrast((MASKED,), (MASKED,), "the two differ")
        return contrast(self.git, self.rpm)


@dataclass(frozen=True, slots=True)
class Finding:
    """A drifted attribute, and what git knows of it."""

    difference: Difference
    origin: Origin


@dataclass(frozen=True, slots=True)
class Drifted:
    """One customer under its name in RPM. `since` is RPM's own text, "" where it gave none."""

    customer_id: int
    name: str
    place: str
    since: str
    findings: tuple[Finding, ...]

    @property
    def turn(self) -> Turn:
        """The gravest of its findings."""
        return min((finding.difference.turn for finding in self.findings), default=Turn.CHANGED)


@dataclass(frozen=True, slots=True)
class Alike:
    """One difference and everybody who has it, each with what git knows of it there."""

    difference: Difference
    holders: tuple[tuple[Drifted, Origin], ...]


def drifted(drift: Drift) -> tuple[Drifted, ...]:
    """The customers that drifted, gravest first, then by id."""
    found = [_customer(drift, edit) for edit in drift.plan.edits]
    return tuple(sorted(found, key=lambda customer: (customer.turn, customer.customer_id)))


def alike(among: Iterable[Drifted]) -> tuple[Alike, ...]:
    """The findings of these customers, equal ones together, gravest first, then the most customers."""
    holders: dict[Difference, list[tuple[Drifted, Origin]]] = {}
    for customer in among:
        for finding in customer.findings:
            holders.setdefault(finding.difference, []).append((customer, finding.origin))
    found = [Alike(difference, tuple(those)) for difference, those in holders.items()]
    return tuple(sorted(found, key=lambda it: (it.difference.turn, -len(it.holders))))


def _customer(drift: Drift, edit: Edit) -> Drifted:
    """One customer; a masked name is hidden in its heading too."""
    name = MASKED if edit.rename is not None and edit.rename.masked else edit.name
    findings = tuple(Finding(_difference(it), drift.origin(edit.customer_id, it)) for it in edit.changes)
    since = drift.since.get(edit.customer_id, "")
    return Drifted(edit.customer_id, name, f"{edit.file}:{edit.line}", since, findings)


def _difference(change: Change) -> Difference:
    """One attribute without what must stay hidden; an audit's `after` is YAML, its `before` RPM."""
    if change.masked:
        return Difference(change.attribute, "", "", masked=True)
    return Difference(change.attribute, change.after, change.before)
