"""JSON -> a subscription: the example that a database is first filled with, and what tests hand over; and back.

    {"fields": [{"name": …, "kind": "list", "options": […], "uid": …?}, …],
     "customers": [{"id": …, "name": …, "website"?, "address"?, "city"?, "province"?, "country"?, "zip"?,
                    "aliases"?: […], "added"?, "modified"?, "fields"?: {name: text}, "locations"?: false,
                    "contacts"?: [{"first_name", "last_name", "title"?, "email"?, "phone"?}], "accounts"?, "notes"?}, …]}

A kind is one of `records.FORMATS`. Ids of locations and contacts follow from the customer's, so that the same
JSON always makes the same records.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox.records import (
    FORMATS,
    PHONE_TYPES,
    Contact,
    Customer,
    FieldDefinition,
    Location,
    Phone,
    Subscription,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.sandbox.store import Store

_LONG_AGO: Final = "2024-01-15T09:00:00"


class SeedError(ValueError):
    """The JSON does not describe a subscription."""


def example() -> Subscription:
    """The example subscription that comes with the program."""
    return subscription(json.loads(Path(__file__).with_name("seed.json").read_bytes()))


def fill_if_fresh(store: Store) -> None:
    """Give a database that never had a subscription the example."""
    with store.transaction():
        if store.setting("seeded") is None:
            reset(store, example())


def reset(store: Store, content: Subscription) -> None:
    """Make the database contain exactly this."""
    with store.transaction():
        store.replace_all(content)
        store.set_settings({"seeded": "yes"})


def start_over(store: Store) -> None:
    """Make the database what it was when it was new: the example, and every knob at its default."""
    with store.transaction():
        store.forget_settings()
        reset(store, example())


def subscription(document: Any) -> Subscription:
    """A subscription from parsed JSON."""
    try:
        fields = tuple(_field(n, entry) for n, entry in enumerate(document["fields"]))
        uids = {one.name: one.uid for one in reversed(fields)}
        return Subscription(fields, tuple(_customer(entry, uids) for entry in document["customers"]))
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise SeedError(f"not a subscription: {problem!r}") from problem


def as_entry(record: Customer, fields: Sequence[FieldDefinition]) -> dict[str, Any]:
    """A customer in the form above, as far as attributes and aliases go."""
    place = record.primary_location
    return {
        "id": record.customer_id,
        "name": record.name,
        "website": record.website,
        "address": place.address if place else "",
        "fields": {one.name: record.values.get(one.uid, "") for one in fields},
        "aliases": record.aliases,
        "modified": record.modified,
    }


def _field(place: int, entry: Mapping[str, Any]) -> FieldDefinition:
    kind = entry.get("kind", "text")
    if kind not in FORMATS:
        raise ValueError(f'no kind of field is called "{kind}"')
    digest = hashlib.sha256(f"{place} {entry['name']}".encode()).hexdigest()
    uid = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
    return FieldDefinition(entry.get("uid", uid), entry["name"], kind, tuple(entry.get("options", ())))


def _customer(entry: Mapping[str, Any], uids: Mapping[str, str]) -> Customer:
    number, added = int(entry["id"]), entry.get("added", _LONG_AGO)
    modified = entry.get("modified", added)
    return Customer(
        number,
        entry["name"],
        entry.get("website", ""),
        added,
        modified,
        tuple(entry.get("aliases", ())),
        {uids[name]: text for name, text in entry.get("fields", {}).items()},
        () if entry.get("locations") is False else (_location(number, entry, added, modified),),
        tuple(_contact(number, n, one) for n, one in enumerate(entry.get("contacts", ()))),
        entry.get("accounts", ()),
        entry.get("notes", ()),
    )


def _location(number: int, entry: Mapping[str, Any], added: str, modified: str) -> Location:
    return Location(
        number + 1_000_000,
        address=entry.get("address", ""),
        city=entry.get("city", ""),
        province=entry.get("province", ""),
        country=entry.get("country", ""),
        zip_code=entry.get("zip", ""),
        added=added,
        modified=modified,
    )


def _contact(number: int, place: int, entry: Mapping[str, Any]) -> Contact:
    first_id = 2_000_000 + number * 10 + place
    phones = tuple(
        Phone(kind, first_id, entry["phone"]) if kind == 1 and entry.get("phone") else Phone(kind)
        for kind in PHONE_TYPES
    )
    return Contact(
        first_id,
        primary=place == 0,
        first_name=entry.get("first_name", ""),
        last_name=entry.get("last_name", ""),
        title=entry.get("title", ""),
        email=entry.get("email", ""),
        phones=phones,
    )
