"""Records as RPM's JSON writes them (`rpm-api.md` sections 1, 2 and 5), turned by the knobs.

Reads nothing and changes nothing: what a value *is* was settled when it was stored; here is only how
it reads. `dumped` escapes as ASP.NET does.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox.knobs import listed
from reconciler.sandbox.records import FORMATS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.sandbox.knobs import Knobs
    from reconciler.sandbox.records import Contact, Customer, FieldDefinition, Location

_ISO_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_US_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_AMOUNT: Final = re.compile(r"-?\d+(\.\d+)?")
_YES_NO: Final = {"yes": ("Yes", "1"), "1": ("Yes", "1"), "true": ("Yes", "1"),
                  "no": ("No", "0"), "0": ("No", "0"), "false": ("No", "0")}  # fmt: skip
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumped(document: Any) -> bytes:
    """The JSON of an answer; the escaped characters never stand outside strings."""
    text = _ENCODER.encode(document)
    for character in "&'<>":
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()


def error(message: str, knobs: Knobs) -> dict[str, Any]:
    """What stands under `Result` when a call fails."""
    return {"Error": message if knobs.errors == "string" else {"Message": message}}


def identity(number: int, knobs: Knobs) -> int | str:
    """An id."""
    return str(number) if knobs.ids == "string" else number


def moment(stamp: str, knobs: Knobs) -> str:
    """A stored time as Added and Modified show it."""
    if knobs.modified_zone and stamp:
        shifted = dt.datetime.fromisoformat(stamp) + dt.timedelta(minutes=knobs.modified_zone)
        stamp = shifted.isoformat()
    return stamp[:10] if knobs.modified == "day" else stamp.replace("T", " ")


def epoch(stamp: str) -> int:
    """A stored time as Age shows it."""
    return int(dt.datetime.fromisoformat(f"{stamp}+00:00").timestamp()) if stamp else 0


def times(added: str, modified: str, knobs: Knobs) -> dict[str, str]:
    """Added and Modified, as far as they are shown."""
    if knobs.modified == "missing":
        return {}
    return {"Added": moment(added, knobs), "Modified": moment(modified, knobs)}


def customer(
    record: Customer, fields: Sequence[FieldDefinition], knobs: Knobs, *, locations: bool = True
) -> dict[str, Any]:
    """The whole customer, as Customer and CustomerEdit answer it."""
    shown: dict[str, Any] = {
        "CustomerID": identity(record.customer_id, knobs),
        "Name": record.name,
        "Website": record.website,
        **({"Age": epoch(record.modified)} if knobs.age == "yes" else {}),
        **times(record.added, record.modified, knobs),
        "Aliases": [{"Alias": name} if knobs.alias_shape == "object" else name for name in record.aliases],
        "DefaultRepID": 0,
        "DefaultRep": "",
        "Contacts": [{"IsPrimary": one.primary, "Contact": contact(one, knobs)} for one in record.contacts],
        "Locations": [location(one, knobs) for one in record.locations],
        "Fields": [custom_field(one, record.values.get(one.uid, ""), knobs) for one in fields],
        "Accounts": record.accounts,
        "Notes": record.notes,
        "NotesForStaff": [],
    }
    if not locations:
        del shown["Locations"]
    if knobs.duplicate_field:
        shown["Fields"] += [
            custom_field(one, "", knobs) for one in fields if one.name == knobs.duplicate_field
        ]
    return shown


def custom_field(definition: FieldDefinition, value: str, knobs: Knobs) -> dict[str, Any]:
    """One entry of Fields; blank ones are shown too."""
    shown: dict[str, Any] = {"Field": definition.name}
    if knobs.uid == "yes":
        shown |= {"Uid": definition.uid, "Format": FORMATS[definition.kind]}
    shown["Value"] = readable(definition, value, knobs)
    return shown


def readable(definition: FieldDefinition, value: str, knobs: Knobs) -> str:
    """A stored value as it reads; a text that is not of its field's kind reads as it is."""
    if not value:
        return value
    if definition.kind == "date":
        return _date(value, knobs)
    if definition.kind == "yesno" and value.lower() in _YES_NO:
        return _YES_NO[value.lower()][knobs.yes_no == "digits"]
    if definition.kind == "money" and knobs.money != "as sent" and _AMOUNT.fullmatch(value):
        return f"{float(value):.2f}" if knobs.money == "places" else f"${float(value):,.2f}"
    return value


def _date(value: str, knobs: Knobs) -> str:
    if knobs.dates == "us" and (match := _ISO_DATE.fullmatch(value)):
        return f"{int(match[2])}/{int(match[3])}/{match[1]}"
    if knobs.dates == "iso" and (match := _US_DATE.fullmatch(value)):
        return f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}"
    return value


def contact(record: Contact, knobs: Knobs) -> dict[str, Any]:
    """A contact with its four phone slots."""
    return {
        "ContactID": identity(record.contact_id, knobs),
        "Salutation": record.salutation,
        "FirstName": record.first_name,
        "LastName": record.last_name,
        "Title": record.title,
        "Email": record.email,
        "PhoneNumbers": [
            {
                "PhoneNumberID": identity(one.phone_id, knobs),
                "Type": one.kind,
                "Number": one.number or (knobs.blank_phone if one.phone_id else ""),
            }
            for one in record.phones
        ],
    }


def location(record: Location, knobs: Knobs) -> dict[str, Any]:
    """A location; the subscription has no custom fields for locations."""
    return {
        "LocationID": identity(record.location_id, knobs),
        "IsPrimary": record.primary,
        "Name": record.name,
        "Address": record.address,
        "City": record.city,
        "StateProvince": record.province or knobs.blank_province,
        "Country": record.country,
        "ZipPostalCode": record.zip_code,
        **times(record.added, record.modified, knobs),
        "Fields": [],
    }


def visible(fields: Sequence[FieldDefinition], hidden: str) -> tuple[FieldDefinition, ...]:
    """The fields that a key may see."""
    names = listed(hidden)
    return tuple(one for one in fields if one.name not in names)
