"""CustomerEdit and CustomerAdd: what is named changes, the rest stays, and any error fails the whole call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import ACME, HARBORVIEW, field

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


def test_an_edit_changes_what_it_names_and_answers_the_whole_customer(rpm: Rpm) -> None:
    """The recorded pair: id, name, website and a field in; the full customer out, the rest untouched."""
    before = rpm.customer()
    after = rpm.edit(
        Name="Acme Holdings", Website="https://new.example", Fields=[{"Field": "Tier", "Value": "Silver"}]
    )
    assert after == rpm.customer()
    assert (after["Name"], after["Website"], field(after, "Tier")) == (
        "Acme Holdings",
        "https://new.example",
        "Silver",
    )
    for part in ("Contacts", "Locations", "Aliases", "Added"):
        assert after[part] == before[part]
    assert [entry for entry in after["Fields"] if entry["Field"] != "Tier"] == [
        entry for entry in before["Fields"] if entry["Field"] != "Tier"
    ]


def test_each_changed_attribute_is_one_line_of_the_commit_log(rpm: Rpm) -> None:
    """The commit log has attribute, before and after, and who: api or hand."""
    rpm.edit(Website="https://new.example", Fields=[{"Field": "Tier", "Value": "Silver"}])
    assert rpm.commits() == [
        ("Website", "https://acme.example", "https://new.example"),
        ("Fields.Tier", "Gold", "Silver"),
    ]
    assert {row["author"] for row in rpm.get("commits")["commits"]} == {"api"}


def test_an_edit_moves_modified(rpm: Rpm) -> None:
    """Modified is the time of the last change."""
    before = rpm.customer()
    after = rpm.edit(Website="https://new.example")
    assert after["Modified"] > before["Modified"]
    assert after["Age"] > before["Age"]


def test_the_address_is_the_primary_locations_street(rpm: Rpm) -> None:
    """Address in CustomerEdit is obeyed, as the API's page prints it; other address keys are not."""
    (place,) = rpm.edit(Address="1 New Road", City="Elsewhere")["Locations"]
    assert (place["Address"], place["City"]) == ("1 New Road", "Springfield")


def test_an_address_makes_the_location_that_is_missing(rpm: Rpm) -> None:
    """A customer without locations gets a primary one."""
    rpm.set("customers", {"fields": [], "customers": [{"id": 7, "name": "Bare", "locations": False}]})
    (place,) = rpm.edit(7, Address="1 New Road")["Locations"]
    assert (place["Name"], place["IsPrimary"], place["Address"]) == ("Primary", True, "1 New Road")


def test_blank_clears(rpm: Rpm) -> None:
    """An empty text clears an attribute or a field."""
    after = rpm.edit(Website="", Address="", Fields=[{"Field": "Tier", "Value": ""}])
    assert (after["Website"], after["Locations"][0]["Address"], field(after, "Tier")) == ("", "", "")


def test_an_unknown_field_is_ignored_in_silence(rpm: Rpm) -> None:
    """No error, no change, and the rest of the call is carried out."""
    rpm.edit(Website="https://new.example", Fields=[{"Field": "Teir", "Value": "Silver"}])
    assert rpm.commits() == [("Website", "https://acme.example", "https://new.example")]


@pytest.mark.parametrize("sent", ["gold", "Tin", " Gold"])
def test_an_option_that_the_list_lacks_blanks_the_field(rpm: Rpm, sent: str) -> None:
    """A bad option is accepted, and the value is gone."""
    assert rpm.set_field("Tier", sent) == ""


def test_several_options_read_with_a_space_between(rpm: Rpm) -> None:
    """A multi-select list is written with commas and reads with comma and space; unknown options fall out."""
    assert rpm.set_field("Services", "Voice,Mobile,Fax") == "Voice, Mobile"


def test_a_rename_takes_no_name_in_use(rpm: Rpm) -> None:
    """Names are unique, case and outer spaces ignored."""
    for name in ("Harborview Dental Group", "harborview dental group", " Harborview Dental Group "):
        body = {"Customer": {"CustomerID": ACME, "Name": name}}
        assert rpm.refusal("CustomerEdit", body) == "A customer with that name already exists"


def test_a_rename_takes_no_alias_in_use(rpm: Rpm) -> None:
    """Aliases count as names."""
    body = {"Customer": {"CustomerID": ACME, "Name": "sundial homes"}}
    assert rpm.refusal("CustomerEdit", body) == "A customer with that name already exists"


def test_a_rename_may_change_case_alone(rpm: Rpm) -> None:
    """A customer does not stand in its own way."""
    assert rpm.edit(Name="ACME, INC.")["Name"] == "ACME, INC."


def test_a_rename_leaves_no_alias(rpm: Rpm) -> None:
    """The name that was is free at once."""
    assert rpm.edit(Name="Acme Holdings")["Aliases"] == []
    assert rpm.edit(HARBORVIEW, Name="Acme, Inc.")["Name"] == "Acme, Inc."


def test_a_blank_name_is_refused(rpm: Rpm) -> None:
    """Name cannot be cleared."""
    for name in ("", "  "):
        body = {"Customer": {"CustomerID": ACME, "Name": name}}
        assert rpm.refusal("CustomerEdit", body) == "A customer name is required"


def test_any_error_fails_the_whole_call(rpm: Rpm) -> None:
    """Nothing of a refused edit is stored."""
    rpm.refusal(
        "CustomerEdit", {"Customer": {"CustomerID": ACME, "Name": "Kettle Creek Brewing", "Website": "x"}}
    )
    assert rpm.commits() == []


def test_a_name_without_id_selects(rpm: Rpm) -> None:
    """Without an id, Name says which customer, and stays what it is."""
    after = rpm.call("CustomerEdit", {"Customer": {"Name": "acme, inc.", "Website": "https://new.example"}})
    assert (after["CustomerID"], after["Name"], after["Website"]) == (
        ACME,
        "Acme, Inc.",
        "https://new.example",
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, 'Call requires parameter: "Customer" which was not found'),
        ({"Customer": "Acme, Inc."}, 'Call requires parameter: "Customer" which was not found'),
        ({"Customer": {"Website": "x"}}, "Customer name or ID must be specified"),
        ({"Customer": {"CustomerID": 1, "Website": "x"}}, "Customer not found"),
    ],
)
def test_an_edit_says_what_is_missing(rpm: Rpm, body: Any, message: str) -> None:
    """Each documented message has its cause."""
    assert rpm.refusal("CustomerEdit", body) == message


def test_an_edit_that_changes_nothing_leaves_no_trace(rpm: Rpm) -> None:
    """Same values in: no commit, Modified as it was."""
    before = rpm.customer()
    assert rpm.edit(Website="https://acme.example") == before
    assert rpm.commits() == []


def test_a_minimal_add_gets_an_empty_location_and_contact(rpm: Rpm) -> None:
    """A new customer has a location `Primary` with no state and the default country, and a blank contact."""
    made = rpm.call("CustomerAdd", {"Customer": {"Name": "Fresh Start", "CustomerID": 0, "Notes": []}})
    (place,) = made["Locations"]
    (person,) = made["Contacts"]
    assert (place["Name"], place["StateProvince"], place["Country"]) == ("Primary", "n/a", "United States")
    assert (person["IsPrimary"], person["Contact"]["FirstName"]) == (True, "")
    assert rpm.customer(made["CustomerID"]) == made


def test_an_add_takes_the_last_of_several_primaries(rpm: Rpm) -> None:
    """Several primary locations: the last one is; nameless ones get a name."""
    places = [{"IsPrimary": True, "Address": "1"}, {"IsPrimary": True, "Name": "HQ", "Address": "2"}]
    made = rpm.call("CustomerAdd", {"Customer": {"Name": "Fresh Start", "Locations": places}})
    assert [(one["Address"], one["IsPrimary"]) for one in made["Locations"]] == [("1", False), ("2", True)]


def test_an_add_drops_aliases_in_use(rpm: Rpm) -> None:
    """An alias that anybody holds is dropped without a word."""
    aliases = [{"Alias": "Acme, Inc."}, {"Alias": "Fresh"}, {"Alias": "SUNDIAL HOMES"}]
    made = rpm.call("CustomerAdd", {"Customer": {"Name": "Fresh Start", "Aliases": aliases}})
    assert made["Aliases"] == [{"Alias": "Fresh"}]


def test_an_add_needs_a_free_name(rpm: Rpm) -> None:
    """No name, and a name in use, are refused."""
    assert rpm.refusal("CustomerAdd", {"Customer": {}}) == "A customer name is required"
    assert (
        rpm.refusal("CustomerAdd", {"Customer": {"Name": "acme, inc."}})
        == "A customer with that name already exists"
    )
