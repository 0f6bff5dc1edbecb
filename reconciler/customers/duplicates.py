"""Customers of all files -> those that cannot, or can hardly, be told apart.

One id or one name twice is a problem, with both places; names that only look the same are a warning. RPM
keeps names unique without regard to case and outer spaces (`rpm-api.md` section 3). This module is pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.confusables import foreign_character, loose, skeleton
from reconciler.core.field_types import normalize_name
from reconciler.core.text import shortened
from reconciler.core.values import DesiredCustomer, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def find_duplicates(customers: Sequence[DesiredCustomer]) -> tuple[list[Problem], list[Problem]]:
    """The problems and the warnings; each names the later customer's place and the earlier one's."""
    return [*_same_id(customers), *_same_name(customers)], _alike(customers)


def _same_id(customers: Sequence[DesiredCustomer]) -> Iterable[Problem]:
    seen: dict[int, DesiredCustomer] = {}
    for customer in customers:
        number = customer.customer_id
        if number is not None and (first := seen.setdefault(number, customer)) is not customer:
            message = f"CustomerID {number} is also at {first.mark()}: write each customer once"
            yield Problem(customer.mark(), message)


def _same_name(customers: Sequence[DesiredCustomer]) -> Iterable[Problem]:
    seen: dict[str, DesiredCustomer] = {}
    for customer in customers:
        if (first := seen.setdefault(normalize_name(customer.name), customer)) is not customer:
            both = f'the name "{shortened(customer.name)}" is also at {first.mark("Name")}'
            how = "" if first.name == customer.name else f' as "{shortened(first.name)}"'
            message = f"{both}{how}: names are unique, whatever their case and outer spaces"
            yield Problem(customer.mark("Name"), message)


def _alike(customers: Sequence[DesiredCustomer]) -> list[Problem]:
    """Names that differ for RPM but not for a reader.

    An ASCII name's skeleton is its normalized form, so that the many of them cost nothing here.
    """
    by_look: dict[str, DesiredCustomer] = {}
    others = []
    for customer in customers:
        if customer.name.isascii():
            by_look.setdefault(normalize_name(customer.name), customer)
        else:
            others.append(customer)
    warnings = []
    for customer in others:
        first = by_look.setdefault(skeleton(customer.name), customer)
        if normalize_name(first.name) != normalize_name(customer.name):
            warnings.append(_warning(customer, first))
    return warnings


def _warning(customer: DesiredCustomer, first: DesiredCustomer) -> Problem:
    name, other = shortened(customer.name), shortened(first.name)
    same = loose(customer.name) == loose(first.name)
    how = "differs only in compatibility characters from" if same else "looks like"
    which = foreign_character(customer.name)
    message = f'the name "{name}" {how} "{other}" at {first.mark("Name")}: it contains {which}'
    return Problem(customer.mark("Name"), message, warning=True)
