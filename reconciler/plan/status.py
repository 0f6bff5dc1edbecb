"""The changes of an edit x a read of their customer -> which are still open, done already, or moved. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import ObservedCustomer
    from reconciler.plan.model import Change


@dataclass(frozen=True, slots=True)
class EditStatus:
    """Each change of an edit as a read finds it: still open, done already, or moved to a third value."""

    open: tuple[Change, ...]
    done: tuple[Change, ...]
    moved: tuple[Change, ...]


def status_of(changes: Sequence[Change], observed: ObservedCustomer, rules: CompareRules) -> EditStatus:
    """Sort the changes by what the customer says now; an attribute that is gone has moved."""
    still, done, moved = [], [], []
    for change in changes:
        value = observed.values.get(change.attribute)
        if value is not None and rules.equal(change.attribute, value, change.after):
            done.append(change)
        elif value is not None and rules.equal(change.attribute, value, change.before):
            still.append(change)
        else:
            moved.append(change)
    return EditStatus(tuple(still), tuple(done), tuple(moved))
