"""Checks of the knobs that shape answers and the list."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from tests.sandbox.conftest import ACME
from tests.sandbox.knob_checks import knob

if TYPE_CHECKING:
    from tests.sandbox.conftest import Rpm


@knob
def errors(rpm: Rpm) -> None:
    rpm.knob(errors="string")
    assert rpm.call("Customer", {"CustomerID": 1}) == {"Error": "Customer not found"}


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
def date(rpm: Rpm) -> None:
    assert "Date" in rpm.post("Info").headers
    rpm.knob(date="no")
    assert "Date" not in rpm.post("Info").headers


@knob
def date_shift(rpm: Rpm) -> None:
    true = parsedate_to_datetime(rpm.post("Info").headers["Date"])
    rpm.knob(date_shift=-432_000)
    shifted = parsedate_to_datetime(rpm.post("Info").headers["Date"])
    assert 4.99 < (true - shifted).total_seconds() / 86_400 <= 5


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
