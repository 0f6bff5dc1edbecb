"""Checks of the knobs about what is stored of a sent value, and how it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.conftest import ACME, field
from tests.sandbox.knob_checks import knob

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


@knob
def blank(rpm: Rpm) -> None:
    rpm.knob(blank="ignored")
    assert rpm.set_field("Tier", "") == "Gold"


@knob
def null(rpm: Rpm) -> None:
    assert rpm.set_field("Tier", None) == "Gold"
    rpm.knob(null="clears")
    assert rpm.set_field("Tier", None) == ""


@knob
def null_word(rpm: Rpm) -> None:
    assert rpm.set_field("Contract term", "null") == "null"
    rpm.knob(null_word="clears")
    assert rpm.set_field("Contract term", "null") == ""


@knob
def unknown_field(rpm: Rpm) -> None:
    rpm.knob(unknown_field="error")
    body = {"Customer": {"CustomerID": ACME, "Fields": [{"Field": "Teir", "Value": "x"}]}}
    assert rpm.refusal("CustomerEdit", body) == 'Field "Teir" was not found'


@knob
def bad_option(rpm: Rpm) -> None:
    rpm.knob(bad_option="kept")
    assert rpm.set_field("Tier", "Tin") == "Gold"
    assert rpm.set_field("Active", "maybe") == "Yes"
    rpm.knob(bad_option="stored")
    assert rpm.set_field("Tier", "Tin") == "Tin"
    assert rpm.set_field("Services", "Fax,Voice") == "Fax,Voice"
    rpm.knob(bad_option="error")
    body = {"Customer": {"CustomerID": ACME, "Fields": [{"Field": "Tier", "Value": "Zinc"}]}}
    assert rpm.refusal("CustomerEdit", body) == '"Zinc" is not an option of "Tier"'


@knob
def too_long(rpm: Rpm) -> None:
    long = "x" * 70
    assert rpm.edit(Name=long)["Name"] == "x" * 64
    rpm.knob(too_long="error")
    body = {"Customer": {"CustomerID": ACME, "Name": long}}
    assert rpm.refusal("CustomerEdit", body) == "Name cannot be longer than 64 characters"
    rpm.knob(too_long="stored")
    assert rpm.edit(Name=long)["Name"] == long


@knob
def trim(rpm: Rpm) -> None:
    assert rpm.set_field("Contract term", " x ") == " x "
    rpm.knob(trim="yes")
    assert rpm.set_field("Contract term", " y ") == "y"


@knob
def collapse(rpm: Rpm) -> None:
    rpm.knob(collapse="yes")
    assert rpm.set_field("Contract term", "a   b") == "a b"


@knob
def unicode(rpm: Rpm) -> None:
    rpm.knob(unicode="NFD")
    assert rpm.edit(Website="é")["Website"] == "e\u0301"
    rpm.knob(unicode="NFC")
    assert rpm.edit(Website="e\u0301")["Website"] == "é"


@knob
def line_ends(rpm: Rpm) -> None:
    rpm.knob(line_ends="crlf")
    assert rpm.set_field("Circuit IDs", "a\nb\r\nc") == "a\r\nb\r\nc"
    rpm.knob(line_ends="lf")
    assert rpm.set_field("Circuit IDs", "a\r\nb") == "a\nb"


@knob
def entities(rpm: Rpm) -> None:
    rpm.knob(entities="yes")
    assert rpm.set_field("Contract term", "<A & B>") == "&lt;A &amp; B&gt;"


@knob
def upper(rpm: Rpm) -> None:
    rpm.knob(upper="Website, Contract term")
    assert rpm.set_field("Contract term", "abc") == "ABC"
    assert rpm.edit(Website="abc")["Website"] == "ABC"


@knob
def website_scheme(rpm: Rpm) -> None:
    rpm.knob(website_scheme="yes")
    assert rpm.edit(Website="acme.example")["Website"] == "http://acme.example"
    assert rpm.edit(Website="https://acme.example")["Website"] == "https://acme.example"


@knob
def address(rpm: Rpm) -> None:
    rpm.knob(address="ignored")
    assert rpm.edit(Address="x")["Locations"][0]["Address"] == "742 Green Terrace"
    rpm.knob(address="all")
    place = rpm.edit(Address="x", City="y", ZipPostalCode="z")["Locations"][0]
    assert (place["Address"], place["City"], place["ZipPostalCode"]) == ("x", "y", "z")


@knob
def contact_omitted(rpm: Rpm) -> None:
    rpm.knob(contact_omitted="keeps")
    person = rpm.customer()["Contacts"][0]["Contact"]
    body = {"CustomerID": ACME, "Contact": {"ContactID": person["ContactID"], "FirstName": "Ann"}}
    assert rpm.call("CustomerContactEdit", body)["Contact"]["Email"] == person["Email"] != ""


@knob
def location_omitted(rpm: Rpm) -> None:
    rpm.knob(location_omitted="clears")
    place = {"LocationID": rpm.customer()["Locations"][0]["LocationID"], "Name": "Primary"}
    after = rpm.call("CustomerLocationEdit", {"CustomerID": ACME, "Location": place})["Location"]
    assert (after["Address"], after["StateProvince"]) == ("", "n/a")


@knob
def yes_no(rpm: Rpm) -> None:
    assert rpm.set_field("Active", "1") == "Yes"
    rpm.knob(yes_no="digits")
    assert rpm.set_field("Active", "No") == "0"


@knob
def dates(rpm: Rpm) -> None:
    assert rpm.set_field("Renewal date", "4/6/2026") == "2026-04-06"
    rpm.knob(dates="us")
    assert rpm.set_field("Renewal date", "2026-04-06") == "4/6/2026"
    rpm.knob(dates="as sent")
    assert field(rpm.customer(), "Renewal date") == "2026-04-06"


@knob
def money(rpm: Rpm) -> None:
    assert rpm.set_field("Monthly spend", "1200") == "1200"
    rpm.knob(money="places")
    assert field(rpm.customer(), "Monthly spend") == "1200.00"
    rpm.knob(money="symbol")
    assert field(rpm.customer(), "Monthly spend") == "$1,200.00"
