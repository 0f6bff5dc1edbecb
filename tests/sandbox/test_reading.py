"""The endpoints that read, as RPM's pages and recorded answers show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.conftest import ACME, HARBORVIEW, field

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


def test_info_says_which_subscription_it_is(rpm: Rpm) -> None:
    """Info carries the SubscriberID that a client pins."""
    assert rpm.call("Info")["SubscriberID"] == 1207


def test_the_list_carries_names_ids_and_dates_alone(rpm: Rpm) -> None:
    """A row of Customers has the name under Customer, and nothing of what the customer holds."""
    answer = rpm.call("Customers")
    assert len(answer["Customers"]) == 40
    assert answer["Customers"][0] == {
        "Customer": "Acme, Inc.",
        "CustomerID": ACME,
        "Added": "2021-08-16",
        "Modified": "2025-10-29",
    }
    assert isinstance(answer["Age"], int)


def test_no_customers_at_all_is_an_error(rpm: Rpm) -> None:
    """An empty list is the error `No customers`."""
    rpm.set("customers", {"fields": [], "customers": []})
    assert rpm.refusal("Customers") == "No customers"


def test_a_customer_is_whole(rpm: Rpm) -> None:
    """Customer answers every part, each field with its Uid and Format, blank ones too."""
    customer = rpm.customer(10128)
    assert [entry["Field"] for entry in customer["Fields"]] == [
        "Sales Division", "Account manager", "Tier", "Active", "Renewal date", "Contract term", "Monthly spend",
        "Services", "Circuit IDs", "Billing contact", "Tax id", "Last contacted",
    ]  # fmt: skip
    assert all(set(entry) == {"Field", "Uid", "Format", "Value"} for entry in customer["Fields"])
    assert field(rpm.customer(), "Circuit IDs") == ""
    assert {"Aliases", "Contacts", "Locations", "Accounts", "Notes", "NotesForStaff", "DefaultRep"} <= set(
        customer
    )


def test_the_primary_location_carries_the_address(rpm: Rpm) -> None:
    """A seeded customer has one location, `Primary`, with its street."""
    (place,) = rpm.customer()["Locations"]
    assert (place["Name"], place["IsPrimary"], place["Address"]) == ("Primary", True, "742 Green Terrace")


def test_a_contact_has_four_phone_slots(rpm: Rpm) -> None:
    """Unset numbers have id 0 and no text."""
    phones = rpm.customer()["Contacts"][0]["Contact"]["PhoneNumbers"]
    assert [phone["Type"] for phone in phones] == [1, 2, 3, 6]
    assert phones[1] == {"PhoneNumberID": 0, "Type": 2, "Number": ""}


def test_locations_are_left_out_on_request(rpm: Rpm) -> None:
    """IncludeLocations false omits the key altogether."""
    assert "Locations" not in rpm.customer(IncludeLocations=False)


def test_the_id_beats_the_name(rpm: Rpm) -> None:
    """With both, the id selects."""
    assert (
        rpm.call("Customer", {"CustomerID": HARBORVIEW, "Customer": "Acme, Inc."})["CustomerID"] == HARBORVIEW
    )


def test_a_customer_is_found_by_name(rpm: Rpm) -> None:
    """Without an id the name selects, whatever its case."""
    assert rpm.call("Customer", {"Customer": "ACME, INC."})["CustomerID"] == ACME


def test_a_customer_that_is_not_there(rpm: Rpm) -> None:
    """Unknown ids, names and things that are no id are `Customer not found`."""
    for body in ({"CustomerID": 1}, {"Customer": "Nobody"}, {"CustomerID": "x"}, {"CustomerID": 2**70}):
        assert rpm.refusal("Customer", body) == "Customer not found"


def test_a_customer_must_be_named(rpm: Rpm) -> None:
    """Neither id nor name is an error of its own."""
    assert rpm.refusal("Customer", {}) == "Customer name or ID must be specified"


def test_search_finds_by_part_of_a_name_or_field(rpm: Rpm) -> None:
    """CustomerSearch answers rows of the list."""
    assert [row["Customer"] for row in rpm.call("CustomerSearch", {"Search": "ironbridge"})["Customers"]] == [
        "Ironbridge Machining",
        "Ironbridge Tooling",
    ]
    found = rpm.call("CustomerSearch", {"Field": "Tax id", "Search": "81-1747850"})["Customers"]
    assert [row["CustomerID"] for row in found] == [ACME]
    assert rpm.refusal("CustomerSearch", {"Search": "no such thing"}) == "No customers"


def test_modified_tells_the_age_of_the_list(rpm: Rpm) -> None:
    """Modified moves when a customer does."""
    (before,) = rpm.call("Modified")["Modified"]
    rpm.edit(Website="https://moved.example")
    (after,) = rpm.call("Modified")["Modified"]
    assert before["Type"] == "CustomerAndAliasList"
    assert after["Age"] > before["Age"]
