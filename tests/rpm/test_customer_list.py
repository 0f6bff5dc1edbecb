"""The customer list: rows that stay texts, and are customers where somebody looks."""

from __future__ import annotations

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.values import ObservedCustomer
from reconciler.rpm.customer_list import names_in, read_list
from reconciler.rpm.errors import Lost
from reconciler.rpm.response import Answer

ROWS = [
    {"CustomerID": 7, "Customer": "Acme", "Modified": "2026-01-01"},
    {"CustomerID": 8, "Customer": "", "Modified": None},
]


def test_a_list_is_a_mapping_of_its_rows() -> None:
    """Each with the moment of the list itself, and never whole: a list tells the name alone."""
    listed = read_list("Customers", Answer({"Customers": [dict(it) for it in ROWS]}, 12), LONG_AGO)
    acme = ObservedCustomer(7, {"Name": "Acme"}, LONG_AGO, whole=False, modified="2026-01-01", answered_at=12)
    assert listed == {7: acme, 8: acme._replace(customer_id=8, values={"Name": ""}, modified="")}
    assert (len(listed), 7 in listed, 9 in listed, listed.get(9)) == (2, True, False, None)
    assert listed.keys() - {8} == {7}
    assert list(names_in(listed)) == list(names_in(dict(listed))) == [(7, "Acme"), (8, "")]


def test_a_row_twice_is_one_and_an_id_with_two_names_is_no_answer() -> None:
    """Older servers list a customer once for each alias; the first `Modified` counts."""
    again = {"CustomerID": "7", "Customer": "Acme", "Modified": "2026-02-02"}
    listed = read_list("Customers", Answer({"Customers": [dict(ROWS[0]), again]}, None), LONG_AGO)
    assert [it.modified for it in listed.values()] == ["2026-01-01"]
    other = {**ROWS[0], "Customer": "Bolt"}
    with pytest.raises(Lost, match=r"Customers\[1\] has the id of another row and another name"):
        read_list("Customers", Answer({"Customers": [dict(ROWS[0]), other]}, None), LONG_AGO)
