"""What a subscription contains, as frozen values, and their text in the database. No I/O.

A customer's own parts travel as one JSON document, lists by position: the store never looks inside
them, and one document is one row to read.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMATS: Final = {
    "text": 7, "paragraph": 16, "list": 1, "multi": 7, "yesno": 4, "date": 3, "money": 2, "number": 20,
}  # fmt: skip
PHONE_TYPES: Final = (1, 2, 3, 6)


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """A custom field of the subscription; every customer has every one."""

    uid: str
    name: str
    kind: str = "text"
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """One of a contact's four numbers; `phone_id` 0 was never set."""

    kind: int
    phone_id: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person at a customer."""

    contact_id: int
    primary: bool = True
    salutation: str = ""
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    email: str = ""
    phones: tuple[Phone, ...] = tuple(Phone(kind) for kind in PHONE_TYPES)


@dataclass(frozen=True, slots=True)
class Location:
    """A place of a customer; times are `YYYY-MM-DDTHH:MM:SS` in UTC, as everywhere here."""

    location_id: int
    primary: bool = True
    name: str = "Primary"
    address: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    zip_code: str = ""
    added: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer record; `values` maps a field's uid to its text, absent meaning blank."""

    customer_id: int
    name: str
    website: str = ""
    added: str = ""
    modified: str = ""
    aliases: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    locations: tuple[Location, ...] = ()
    contacts: tuple[Contact, ...] = ()
    accounts: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Mapping[str, Any]] = ()

    @property
    def primary_location(self) -> Location | None:
        """The location that `Address` speaks of."""
        return next((place for place in self.locations if place.primary), None)


@dataclass(frozen=True, slots=True)
class Subscription:
    """All that a database is filled with."""

    fields: tuple[FieldDefinition, ...]
    customers: tuple[Customer, ...]


def folded(name: str) -> str:
    """A name as uniqueness sees it: case and outer spaces do not count."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def with_address(customer: Customer, address: str, fresh_id: int) -> Customer:
    """The customer with that street at its primary location, made under `fresh_id` if there is none."""
    place = customer.primary_location
    if place is None:
        return replace(customer, locations=(*customer.locations, Location(fresh_id, address=address)))
    places = tuple(replace(one, address=address) if one is place else one for one in customer.locations)
    return replace(customer, locations=places)


_LOCATION = attrgetter(*Location.__slots__)
_CONTACT = attrgetter(*Contact.__slots__[:-1])
_PHONE = attrgetter(*Phone.__slots__)


def to_document(customer: Customer) -> str:
    """What the database keeps of a customer in addition to its id, name and times."""
    contacts = [[*_CONTACT(one), [_PHONE(phone) for phone in one.phones]] for one in customer.contacts]
    return json.dumps(
        [
            customer.website,
            customer.aliases,
            customer.values,
            [_LOCATION(place) for place in customer.locations],
            contacts,
            customer.accounts,
            customer.notes,
        ],
        separators=(",", ":"),
    )


def from_document(customer_id: int, name: str, times: tuple[str, str], document: str) -> Customer:
    """The customer again; the inverse of `to_document`."""
    website, aliases, values, locations, contacts, accounts, notes = json.loads(document)
    return Customer(
        customer_id,
        name,
        website,
        times[0],
        times[1],
        tuple(aliases),
        values,
        tuple([Location(*place) for place in locations]),
        tuple([_contact(*row) for row in contacts]),
        accounts,
        notes,
    )


def _contact(*row: Any) -> Contact:
    values: dict[str, Any] = dict(zip(Contact.__slots__, row, strict=True))
    values["phones"] = tuple([Phone(*phone) for phone in values["phones"]])
    return Contact(**values)


def flattened(customer: Customer, fields: Sequence[FieldDefinition]) -> dict[str, str]:
    """Attribute path -> text, for the commit log: what a reader of the log compares."""
    place = customer.primary_location or Location(0, name="")
    flat = {
        "Name": customer.name,
        "Website": customer.website,
        "Address": place.address,
        "City": place.city,
        "StateProvince": place.province,
        "Country": place.country,
        "ZipPostalCode": place.zip_code,
        "Aliases": json.dumps(customer.aliases),
        "Contacts": json.dumps(
            [[*_CONTACT(one), list(map(_PHONE, one.phones))] for one in customer.contacts]
        ),
        "Locations": json.dumps([_LOCATION(one)[:3] for one in customer.locations]),
    }
    flat.update({f"Fields.{row.name}": customer.values.get(row.uid, "") for row in fields})
    return flat
