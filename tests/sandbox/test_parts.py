"""Contacts and locations: the calls that RPM's own client makes beside CustomerEdit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sandbox.conftest import ACME

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


def first_contact(rpm: Rpm) -> Any:
    return rpm.customer()["Contacts"][0]["Contact"]


def test_a_contact_edit_clears_what_it_leaves_out(rpm: Rpm) -> None:
    """Salutation, Title and Email are cleared by omission, as RPM's page warns."""
    person = first_contact(rpm)
    sent = {"ContactID": person["ContactID"], "FirstName": "Ann", "LastName": "Lee"}
    after = rpm.call("CustomerContactEdit", {"CustomerID": ACME, "IsPrimary": False, "Contact": sent})[
        "Contact"
    ]
    assert (after["FirstName"], after["Title"], after["Email"]) == ("Ann", "", "")
    assert after["PhoneNumbers"] == person["PhoneNumbers"]


def test_a_blanked_phone_reads_as_none(rpm: Rpm) -> None:
    """The number of a phone that was blanked is the text `none`."""
    person = first_contact(rpm)
    phone = {**person["PhoneNumbers"][0], "Number": ""}
    body = {"CustomerID": ACME, "Contact": {**person, "PhoneNumbers": [phone]}}
    assert rpm.call("CustomerContactEdit", body)["Contact"]["PhoneNumbers"][0]["Number"] == "none"


def test_a_phone_without_id_fills_only_an_empty_slot(rpm: Rpm) -> None:
    """A number is added to a type that has none, and to no other."""
    person = first_contact(rpm)
    phones = [{"Type": 1, "Number": "1"}, {"Type": 3, "Number": "3"}]
    body = {"CustomerID": ACME, "Contact": {**person, "PhoneNumbers": phones}}
    numbers = [one["Number"] for one in rpm.call("CustomerContactEdit", body)["Contact"]["PhoneNumbers"]]
    assert numbers == [person["PhoneNumbers"][0]["Number"], "", "3", ""]


def test_a_phone_type_must_exist(rpm: Rpm) -> None:
    """Types are 1, 2, 3 and 6."""
    body = {"CustomerID": ACME, "Contact": {"PhoneNumbers": [{"Type": 4, "Number": "1"}]}}
    assert rpm.refusal("CustomerContactAdd", body) == "Unrecognized type for phone number: 4"


def test_a_primary_contact_demotes_the_other(rpm: Rpm) -> None:
    """IsPrimary promotes; there is one primary contact."""
    sent = {"FirstName": "Ann", "LastName": "Lee"}
    rpm.call("CustomerContactAdd", {"CustomerID": ACME, "IsPrimary": True, "Contact": sent})
    assert [one["IsPrimary"] for one in rpm.customer()["Contacts"]] == [False, True]


def test_a_location_edit_keeps_what_it_leaves_out(rpm: Rpm) -> None:
    """Address keys that are left out stay, unless a knob says otherwise."""
    (place,) = rpm.customer()["Locations"]
    sent = {"LocationID": place["LocationID"], "Name": "HQ", "City": "Salem"}
    after = rpm.call("CustomerLocationEdit", {"CustomerID": ACME, "Location": sent})["Location"]
    assert (after["Name"], after["City"], after["Address"]) == ("HQ", "Salem", "742 Green Terrace")


def test_a_location_promoted_demotes_the_other(rpm: Rpm) -> None:
    """A new primary location becomes the one that Address speaks of."""
    sent = {"Name": "Depot", "IsPrimary": 1, "Address": "9 Dock"}
    rpm.call("CustomerLocationAdd", {"CustomerID": ACME, "Location": sent})
    places = rpm.edit(Address="10 Dock")["Locations"]
    assert [(one["Address"], one["IsPrimary"]) for one in places] == [
        ("742 Green Terrace", False),
        ("10 Dock", True),
    ]


def test_the_location_calls_say_what_is_wrong(rpm: Rpm) -> None:
    """Each documented message has its cause."""
    place = {"Name": "primary"}
    taken = "Location with this name already exists for the customer"
    assert rpm.refusal("CustomerLocationAdd", {"CustomerID": ACME, "Location": place}) == taken
    assert (
        rpm.refusal("CustomerLocationAdd", {"CustomerID": ACME, "Location": {}})
        == "A location requires a name"
    )
    assert rpm.refusal("CustomerLocationAdd", {"Location": place}).startswith(
        'Call requires parameter: "CustomerID"'
    )
    assert rpm.refusal("CustomerLocationAdd", {"CustomerID": ACME}).startswith(
        'Call requires parameter: "Location"'
    )
    unnamed = {"CustomerID": ACME, "Location": place}
    assert rpm.refusal("CustomerLocationEdit", unnamed) == "Location ID not passed into call"
    unknown = {"CustomerID": ACME, "Location": {"LocationID": 1, "Name": "x"}}
    assert rpm.refusal("CustomerLocationEdit", unknown) == "Location not found"
