"""The endpoints that read: Info, Customers, Customer, CustomerSearch, Modified (`rpm-api.md` section 2)."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import wire
from reconciler.sandbox.call import ApiError, number
from reconciler.sandbox.records import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import Call
    from reconciler.sandbox.records import Customer

NOT_FOUND = "Customer not found"


def whoami(call: Call) -> dict[str, Any]:
    """Who is asking, and of which subscription."""
    return {
        "Instance": "sandbox",
        "InstanceID": 1,
        "Subscriber": "Harbor & Pine Telecom Agency",
        "SubscriberID": wire.identity(call.knobs.subscriber_id, call.knobs),
        "SubscriberTimeOffset": "+00:00",
        "SubscriberTimeDst": False,
        "User": "api-reader" if call.second else "api",
        "UserID": 3 if call.second else 2,
        "TimeOffset": "+00:00",
        "TimeDst": False,
        "Role": "Staff",
        "TimeFormat": "24",
    }


def customers(call: Call) -> dict[str, Any]:
    """The list: names and ids, nothing else of the customers."""
    knobs = call.knobs
    rows = [row for row in call.store.rows() if not call.hides(row[0])]
    if not rows and knobs.empty_list == "error":
        raise ApiError("No customers")
    shown = [_row(row, call) for row in rows]
    if knobs.aliases_listed == "yes":
        shown += [
            {**_row((one.customer_id, one.name, one.added, one.modified), call), "Customer": alias}
            for one in call.store.customers()
            if not call.hides(one.customer_id)
            for alias in one.aliases
        ]
    if knobs.duplicate_rows == "yes":
        shown += shown[:1]
    if knobs.list_order == "name":
        shown.sort(key=lambda row: str(row["Customer"]))
    if knobs.list_order == "shuffled":
        random.shuffle(shown)
    age = {"Age": wire.epoch(max((row[3] for row in rows), default=""))} if knobs.age == "yes" else {}
    return {**age, "Customers": shown}


def _row(row: tuple[int, str, str, str], call: Call) -> dict[str, Any]:
    shown = {"Customer": row[1], "CustomerID": wire.identity(row[0], call.knobs)}
    return shown if call.knobs.list_dates == "no" else shown | wire.times(row[2], row[3], call.knobs)


def customer(call: Call) -> dict[str, Any]:
    """One customer, whole; the id wins over the name."""
    locations = call.body.get("IncludeLocations") is not False
    return call.shown(select(call, call.body, "Customer"), locations=locations)


def select(call: Call, given: Mapping[str, Any], name_key: str) -> Customer:
    """The customer that an id or, without one, a name selects."""
    if given.get("CustomerID") is not None:
        customer_id = number(given["CustomerID"])
    elif isinstance(given.get(name_key), str) and given[name_key].strip():
        customer_id = _by_name(call, given[name_key])
    else:
        raise ApiError("Customer name or ID must be specified")
    if customer_id is None or call.hides(customer_id):
        raise ApiError(NOT_FOUND)
    found = call.store.customer(customer_id) if abs(customer_id) < 2**63 else None
    if found is None and call.knobs.merged_read == "master":
        master = call.store.setting(f"merged {customer_id}")
        found = call.store.customer(int(master)) if master else None
    if found is None:
        raise ApiError(NOT_FOUND)
    return found


def _by_name(call: Call, name: str) -> int | None:
    for customer_id, alias in call.store.holders(name):
        if alias and call.knobs.lookup_alias == "no":
            continue
        if call.knobs.lookup_case == "no" and not alias:
            record = call.store.customer(customer_id)
            if record is None or record.name != name:
                continue
        return customer_id
    return None


def search(call: Call) -> dict[str, Any]:
    """Customers whose name (or the named field) contains the text, as rows of the list; the shape is a guess."""
    wanted, path = folded(str(call.body.get("Search") or "")), str(call.body.get("Field") or "Name")
    uid = next((one.uid for one in call.fields() if one.name == path), None)
    found = [
        _row((one.customer_id, one.name, one.added, one.modified), call)
        for one in call.store.customers()
        if not call.hides(one.customer_id) and wanted in folded(one.values.get(uid, "") if uid else one.name)
    ]
    if not found:
        raise ApiError("No customers")
    return {"Customers": found}


def modified(call: Call) -> dict[str, Any]:
    """When the customer list last changed; nothing else is tracked here."""
    latest = max((row[3] for row in call.store.rows()), default="")
    return {"Modified": [{"Type": "CustomerAndAliasList", "Age": wire.epoch(latest)}]}
