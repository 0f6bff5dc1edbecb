"""What a read says of the changes of an edit: open, done, or moved to a third value."""

from __future__ import annotations

import pytest

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules, Number
from reconciler.core.values import ObservedCustomer
from reconciler.plan.model import Change, Class
from reconciler.plan.status import EditStatus, status_of

SITE = Change("Website", "x", "y", Class.CHANGE)
NUMBER = Change("Fields.n", "1", "1,200", Class.CHANGE)


@pytest.mark.parametrize(
    ("website", "number", "status"),
    [
        ("x", "1.0", EditStatus((SITE, NUMBER), (), ())),
        ("y", "1200.00", EditStatus((), (SITE, NUMBER), ())),
        ("z", "2", EditStatus((), (), (SITE, NUMBER))),
        (None, None, EditStatus((), (), (SITE, NUMBER))),
        ("x", "1200", EditStatus((SITE,), (NUMBER,), ())),
        ("", "1", EditStatus((NUMBER,), (), (SITE,))),
    ],
)
def test_each_change_is_in_one_list(website: str | None, number: str | None, status: EditStatus) -> None:
    """By the rules of comparing; what is gone has moved, and what is empty is a value like others."""
    values = {"Website": website, "Fields.n": number}
    there = {"Name": "Acme", **{path: text for path, text in values.items() if text is not None}}
    observed = ObservedCustomer(7, there, LONG_AGO, whole=True)
    assert status_of([SITE, NUMBER], observed, CompareRules({"Fields.n": Number()})) == status


def test_a_change_that_is_none_by_the_rules_is_done() -> None:
    """Nothing has to be sent for it."""
    same = Change("Fields.n", "1", "1.0", Class.CHANGE)
    observed = ObservedCustomer(7, {"Name": "Acme", "Fields.n": "1.00"}, LONG_AGO, whole=True)
    assert status_of([same], observed, CompareRules({"Fields.n": Number()})).done == (same,)
