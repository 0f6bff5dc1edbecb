"""The customers of many files as one sequence, and what it answers at a look."""

from __future__ import annotations

import pytest

from reconciler.core.values import DesiredCustomer
from reconciler.customers.collection import Customers, ids_of
from reconciler.customers.groups import FileGroup, ReadFile


def customer(number: int | None, name: str) -> DesiredCustomer:
    return DesiredCustomer(number, f"customers/{name}.yaml", 1, 1, {"Name": name}, [2, 7])


def group(*customers: DesiredCustomer) -> FileGroup:
    """Files as they are kept."""
    files = [ReadFile(f"{it.name}.yaml", b"s" * 32, "blob", [it]) for it in customers]
    return FileGroup.pack("customers", files, 1)


ACME, BOLT = customer(1, "Acme"), customer(2, "Bolt")


@pytest.mark.parametrize(
    ("parts", "distinct"),
    [
        ([group(ACME), [BOLT]], True),
        ([group(ACME), [], [BOLT], []], True),
        ([group(ACME), [customer(1, "Bolt")]], False),
        ([group(ACME), [customer(3, " ACME ")]], False),
        ([group(ACME), [customer(3, "Аcme")]], False),
        ([group(customer(None, "Acme")), [customer(None, "Bolt")]], True),
    ],
)
def test_what_is_plainly_distinct_is_known_without_making_a_customer(
    parts: list[list[DesiredCustomer] | FileGroup], *, distinct: bool
) -> None:
    """A part without customers, a folder of which every file changed, is no reason to look at everything."""
    assert Customers(parts).are_distinct() is distinct


def test_ids_are_told_without_making_a_customer() -> None:
    """A customer without one has none to tell."""
    assert ids_of(Customers([group(ACME), [customer(None, "Bolt")]])) == [1]
