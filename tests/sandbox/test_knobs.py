"""Every knob, turned: one check each, and none without one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.sandbox.knobs import DEFAULTS, KnobError, table, turned
from tests.sandbox.conftest import ACME, HARBORVIEW, field, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sandbox.conftest import Rpm

CHECKS: dict[str, Callable[[Rpm], None]] = {}
NOT_FOUND = "Customer not found"
TAKEN = "A customer with that name already exists"


def knob(check: Callable[[Rpm], None]) -> Callable[[Rpm], None]:
    """Register a check under the knob's name, which is the function's."""
    CHECKS[check.__name__] = check
    return check


@pytest.mark.parametrize("name", table())
def test_each_knob_does_what_its_meaning_says(rpm: Rpm, name: str) -> None:
    """A knob changes the behaviour it names."""
    CHECKS[name](rpm)


def test_knobs_survive_a_restart(tmp_path: Path) -> None:
    """They are kept in the database, wherever they were set."""
    with serving(tmp_path / "rpm.sqlite", "--knob", "ids=string") as (rpm, _):
        rpm.knob(subscriber_id=7)
    with serving(tmp_path / "rpm.sqlite") as (rpm, _):
        assert rpm.call("Info")["SubscriberID"] == "7"


def test_a_reset_turns_them_back(rpm: Rpm) -> None:
    """The example subscription comes with every knob at its default."""
    rpm.knob(ids="string")
    rpm.set("reset", {})
    assert [row for row in rpm.get("knobs")["knobs"] if row["value"] != row["default"]] == []


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"trimm": "yes"}, 'no knob is called "trimm"; "trim" is one'),
        ({"trim": "maybe"}, 'trim is one of yes, no, not "maybe"'),
        ({"latency": "slow"}, 'latency is a number, not "slow"'),
    ],
)
def test_a_wrong_setting_is_refused_with_its_reason(rpm: Rpm, setting: dict[str, str], reason: str) -> None:
    """Names and values are checked, and nothing is turned."""
    with pytest.raises(KnobError, match=reason):
        turned(DEFAULTS, setting)
    answer = rpm.http.post("/sandbox/knobs", json={"ids": "string", **setting})
    assert (answer.status_code, answer.json()) == (400, {"error": reason})
    assert rpm.call("Info")["SubscriberID"] == 1207


@knob
def errors(rpm: Rpm) -> None:
    rpm.knob(errors="string")
    assert rpm.call("Customer", {"CustomerID": 1}) == {"Error": NOT_FOUND}


@knob
def wrapper(rpm: Rpm) -> None:
    rpm.knob(wrapper="legacy")
    assert list(rpm.post("Info").json()) == ["InfoResult"]


@knob
def ids(rpm: Rpm) -> None:
    rpm.knob(ids="string")
    assert rpm.customer()["CustomerID"] == str(ACME)
    assert rpm.call("Customers")["Customers"][0]["CustomerID"] == str(ACME)


@knob
def uid(rpm: Rpm) -> None:
    rpm.knob(uid="no")
    assert set(rpm.customer()["Fields"][0]) == {"Field", "Value"}


@knob
def age(rpm: Rpm) -> None:
    rpm.knob(age="no")
    assert "Age" not in rpm.customer()
    assert "Age" not in rpm.call("Customers")


@knob
def modified(rpm: Rpm) -> None:
    rpm.knob(modified="second")
    assert rpm.customer()["Modified"] == "2025-10-29 14:10:00"
    rpm.knob(modified="missing")
    assert "Modified" not in rpm.customer()


@knob
def modified_zone(rpm: Rpm) -> None:
    rpm.knob(modified="second", modified_zone=-870)
    assert rpm.customer()["Modified"] == "2025-10-28 23:40:00"


@knob
def modified_moves(rpm: Rpm) -> None:
    before = rpm.customer()["Modified"]
    rpm.knob(modified_moves="never")
    assert rpm.edit(Website="https://new.example")["Modified"] == before
    rpm.knob(modified_moves="on every edit")
    assert rpm.edit(Website="https://new.example")["Modified"] > before


@knob
def alias_shape(rpm: Rpm) -> None:
    rpm.knob(alias_shape="text")
    assert rpm.customer(10136)["Aliases"] == ["Sundial Homes", "Mesa Verde Seniors"]


@knob
def edit_answer(rpm: Rpm) -> None:
    rpm.knob(edit_answer="stale")
    assert rpm.edit(Website="https://new.example")["Website"] == "https://acme.example"
    assert rpm.customer()["Website"] == "https://new.example"


@knob
def location_answer(rpm: Rpm) -> None:
    rpm.knob(location_answer="id")
    place = {"CustomerID": ACME, "Location": {"Name": "Depot"}}
    assert list(rpm.call("CustomerLocationAdd", place)) == ["CustomerLocationID"]


@knob
def empty_list(rpm: Rpm) -> None:
    rpm.knob(empty_list="list")
    rpm.set("customers", {"fields": [], "customers": []})
    assert rpm.call("Customers")["Customers"] == []


@knob
def duplicate_rows(rpm: Rpm) -> None:
    rpm.knob(duplicate_rows="yes")
    rows = rpm.call("Customers")["Customers"]
    assert (len(rows), rows[0]) == (41, rows[-1])


@knob
def aliases_listed(rpm: Rpm) -> None:
    rpm.knob(aliases_listed="yes")
    rows = rpm.call("Customers")["Customers"]
    assert [row["Customer"] for row in rows if row["CustomerID"] == 10265] == [
        "Osprey Data Centers",
        "Osprey Hosting",
    ]


@knob
def list_order(rpm: Rpm) -> None:
    rpm.knob(list_order="name")
    names = [row["Customer"] for row in rpm.call("Customers")["Customers"]]
    assert names == sorted(names)
    rpm.knob(list_order="shuffled")
    orders = {tuple(row["CustomerID"] for row in rpm.call("Customers")["Customers"]) for _ in range(5)}
    assert len(orders) > 1


@knob
def list_dates(rpm: Rpm) -> None:
    rpm.knob(list_dates="no")
    assert rpm.call("Customers")["Customers"][0] == {"Customer": "Acme, Inc.", "CustomerID": ACME}


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


@knob
def blank_province(rpm: Rpm) -> None:
    rpm.knob(blank_province="")
    assert rpm.call("CustomerAdd", {"Customer": {"Name": "New"}})["Locations"][0]["StateProvince"] == ""


@knob
def blank_phone(rpm: Rpm) -> None:
    rpm.knob(blank_phone=" none")
    person = rpm.customer()["Contacts"][0]["Contact"]
    phone = {**person["PhoneNumbers"][0], "Number": ""}
    body = {"CustomerID": ACME, "Contact": {**person, "PhoneNumbers": [phone]}}
    assert rpm.call("CustomerContactEdit", body)["Contact"]["PhoneNumbers"][0]["Number"] == " none"


@knob
def duplicate_field(rpm: Rpm) -> None:
    rpm.knob(duplicate_field="Tier")
    assert [row["Value"] for row in rpm.customer()["Fields"] if row["Field"] == "Tier"] == ["Gold", ""]


@knob
def aliases_taken(rpm: Rpm) -> None:
    rpm.knob(aliases_taken="no")
    assert rpm.edit(Name="Sundial Homes")["Name"] == "Sundial Homes"


@knob
def rename_alias(rpm: Rpm) -> None:
    rpm.knob(rename_alias="yes")
    assert rpm.edit(Name="Acme Holdings")["Aliases"] == [{"Alias": "Acme, Inc."}]
    body = {"Customer": {"CustomerID": HARBORVIEW, "Name": "Acme, Inc."}}
    assert rpm.refusal("CustomerEdit", body) == TAKEN


@knob
def case_rename(rpm: Rpm) -> None:
    rpm.knob(case_rename="ignored")
    assert rpm.edit(Name="ACME, INC.")["Name"] == "Acme, Inc."
    rpm.knob(case_rename="refused")
    assert rpm.refusal("CustomerEdit", {"Customer": {"CustomerID": ACME, "Name": "ACME, INC."}}) == TAKEN


@knob
def lookup_alias(rpm: Rpm) -> None:
    assert rpm.refusal("Customer", {"Customer": "Osprey Hosting"}) == NOT_FOUND
    rpm.knob(lookup_alias="yes")
    assert rpm.call("Customer", {"Customer": "Osprey Hosting"})["CustomerID"] == 10265


@knob
def lookup_case(rpm: Rpm) -> None:
    rpm.knob(lookup_case="no")
    assert rpm.refusal("Customer", {"Customer": "acme, inc."}) == NOT_FOUND
    assert rpm.call("Customer", {"Customer": "Acme, Inc."})["CustomerID"] == ACME


@knob
def merged_read(rpm: Rpm) -> None:
    rpm.set("edit", {"customer_id": HARBORVIEW, "merge_into": ACME})
    assert rpm.refusal("Customer", {"CustomerID": HARBORVIEW}) == NOT_FOUND
    rpm.knob(merged_read="master")
    master = rpm.customer(HARBORVIEW)
    assert (master["CustomerID"], master["Aliases"]) == (ACME, [{"Alias": "Harborview Dental Group"}])


@knob
def subscriber_id(rpm: Rpm) -> None:
    rpm.knob(subscriber_id=9)
    assert rpm.call("Info")["SubscriberID"] == 9


@knob
def default_country(rpm: Rpm) -> None:
    rpm.knob(default_country="Canada")
    assert rpm.call("CustomerAdd", {"Customer": {"Name": "New"}})["Locations"][0]["Country"] == "Canada"


@knob
def second_key(rpm: Rpm) -> None:
    rpm.knob(second_key="reader")
    headers = {"RpmApiKey": "reader"}
    assert rpm.call("Customer", {"CustomerID": ACME}, headers=headers)["CustomerID"] == ACME
    body = {"Customer": {"CustomerID": ACME, "Website": "x"}}
    assert rpm.refusal("CustomerEdit", body, headers=headers) == "Permission denied"


def names_of(customer: Any) -> set[str]:
    return {entry["Field"] for entry in customer["Fields"]}


@knob
def hidden_fields(rpm: Rpm) -> None:
    rpm.knob(hidden_fields="Tax id, Tier")
    assert not names_of(rpm.customer()) & {"Tax id", "Tier"}
    rpm.edit(Fields=[{"Field": "Tier", "Value": "Silver"}])
    assert rpm.commits() == []


@knob
def hidden_customers(rpm: Rpm) -> None:
    rpm.knob(hidden_customers=str(HARBORVIEW))
    assert HARBORVIEW not in [row["CustomerID"] for row in rpm.call("Customers")["Customers"]]
    assert rpm.refusal("Customer", {"CustomerID": HARBORVIEW}) == NOT_FOUND
    body = {"Customer": {"CustomerID": ACME, "Name": "Harborview Dental Group"}}
    assert rpm.refusal("CustomerEdit", body) == TAKEN


@knob
def hidden_from(rpm: Rpm) -> None:
    rpm.knob(hidden_fields="Tier", hidden_from="second key", second_key="reader")
    assert "Tier" in names_of(rpm.customer())
    assert "Tier" not in names_of(rpm.call("Customer", {"CustomerID": ACME}, headers={"RpmApiKey": "reader"}))


@knob
def latency(rpm: Rpm) -> None:
    rpm.knob(latency=0.2)
    start = time.monotonic()
    rpm.call("Info")
    assert time.monotonic() - start >= 0.2


@knob
def daily_limit(rpm: Rpm) -> None:
    rpm.knob(daily_limit=2)
    assert [rpm.call("Info").get("SubscriberID") for _ in range(2)] == [1207, 1207]
    assert rpm.refusal("Info") == "API daily limit reached"


@knob
def outage(rpm: Rpm) -> None:
    for status in (404, 500):
        rpm.knob(outage=str(status))
        answer = rpm.post("Info")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
