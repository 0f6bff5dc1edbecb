"""Checks of the knobs about names, keys, blanks and trouble."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.sandbox.conftest import ACME, HARBORVIEW
from tests.sandbox.knob_checks import knob

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


NOT_FOUND = "Customer not found"
TAKEN = "A customer with that name already exists"


def names_of(customer: Any) -> set[str]:
    return {entry["Field"] for entry in customer["Fields"]}


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
