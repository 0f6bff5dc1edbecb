"""Comparing one customer, where `compare` takes many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.plan.base import NO_BASE
from reconciler.plan.compare import Difference, compare

if TYPE_CHECKING:
    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer, ObservedCustomer
    from reconciler.plan.base import BaseSide


def compared(
    desired: DesiredCustomer, observed: ObservedCustomer, rules: CompareRules, base: BaseSide = NO_BASE
) -> Difference:
    """What comparing it came to; an empty difference where that is nothing."""
    customer_id = observed.customer_id
    return compare({customer_id: desired}, {customer_id: observed}, rules, base).get(
        customer_id, Difference()
    )
