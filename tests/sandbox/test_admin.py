"""The admin API: what tests read and set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import ACME

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


def test_an_edit_by_hand_says_what_changed(rpm: Rpm) -> None:
    """Attributes by path or bare field name; the change is in the commit log as `hand`, in no request log."""
    answer = rpm.set("edit", {"customer_id": ACME, "values": {"Website": "x", "Tier": "Silver"}})
    assert answer["changes"] == [
        {"attribute": "Website", "before": "https://acme.example", "after": "x"},
        {"attribute": "Fields.Tier", "before": "Gold", "after": "Silver"},
    ]
    assert [row["author"] for row in rpm.get("commits")["commits"]] == ["hand", "hand"]
    assert rpm.outcomes() == []


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("edit", {"customer_id": 1, "values": {}}, "there is no customer 1"),
        (
            "edit",
            {"customer_id": ACME, "values": {"Teir": "x"}},
            'customers have no "Teir"; did you mean "Tier"?',
        ),
        ("edit", {"customer_id": ACME, "values": {"Name": " "}}, "a customer name is required"),
        ("edit", {"values": {}}, '"customer_id" must be an id'),
        ("edit", [], "the body must be a JSON object"),
        ("faults", {}, "a fault script is a list"),
        ("customers", {"fields": [{"name": "A", "kind": "blob"}], "customers": []}, "not a subscription"),
    ],
)
def test_a_mistake_is_a_400_that_names_it(rpm: Rpm, path: str, body: Any, reason: str) -> None:
    """A test with a mistake in it fails where the mistake is."""
    answer = rpm.http.post(f"/sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert rpm.commits() == []


def test_customers_can_be_replaced(rpm: Rpm) -> None:
    """What is posted is all there is, the logs start again, and GET gives the same back."""
    rpm.edit(Website="x")
    fields = [{"name": "Tier", "kind": "list", "options": ["Gold"]}]
    customer = {
        "id": 7,
        "name": "Solo",
        "website": "w",
        "address": "a",
        "fields": {"Tier": "Gold"},
        "aliases": ["Uno"],
    }
    rpm.set("customers", {"fields": fields, "customers": [customer]})
    (row,) = rpm.get("customers")["customers"]
    assert {key: row[key] for key in customer} == customer
    assert (rpm.commits(), rpm.outcomes()) == ([], [])
    assert rpm.customer(7)["Fields"][0]["Value"] == "Gold"


def test_what_rpm_should_not_hold_can_be_seeded(rpm: Rpm) -> None:
    """Two customers with one name, for tests of what a client makes of it."""
    rpm.set("customers", {"fields": [], "customers": [{"id": 7, "name": "Twin"}, {"id": 8, "name": "TWIN"}]})
    assert [row["Customer"] for row in rpm.call("Customers")["Customers"]] == ["Twin", "TWIN"]


def test_a_customer_can_be_read_without_a_call(rpm: Rpm) -> None:
    """As the API shows it, and nothing is logged."""
    shown = rpm.get(f"customers/{ACME}")
    assert rpm.outcomes() == []
    assert rpm.customer() == shown


def test_the_knobs_are_a_table(rpm: Rpm) -> None:
    """Each row has a name, a meaning, its choices, its default and its value."""
    rpm.knob(trim=True)
    rows = {row["name"]: row for row in rpm.get("knobs")["knobs"]}
    assert rows["trim"] == {
        "name": "trim",
        "meaning": "outer spaces are dropped",
        "choices": ["yes", "no"],
        "default": "no",
        "value": "yes",
    }
    assert all(row["meaning"] for row in rows.values())


def test_a_reset_is_a_new_beginning(rpm: Rpm) -> None:
    """Customers, logs and faults are as in a new database."""
    rpm.edit(Website="x")
    rpm.faults({"point": "P2", "action": "reset"})
    rpm.set("reset", {})
    assert (rpm.commits(), rpm.customer()["Website"]) == ([], "https://acme.example")
