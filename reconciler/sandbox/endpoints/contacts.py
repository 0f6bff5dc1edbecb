"""CustomerContactAdd and CustomerContactEdit (`rpm-api.md` section 2.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox import wire
from reconciler.sandbox.call import ApiError, number, objects
from reconciler.sandbox.endpoints.reading import select
from reconciler.sandbox.endpoints.writing import UNCHANGED, text
from reconciler.sandbox.records import PHONE_TYPES, Contact, Phone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import Call

_PARTS: Final = {"FirstName": "first_name", "LastName": "last_name"}
_CLEARED: Final = {"Salutation": "salutation", "Title": "title", "Email": "email"}


def add(call: Call) -> dict[str, Any]:
    """A further contact; it becomes the primary one if it says so, or is the first."""
    given = call.needs("Contact")
    with call.store.transaction():
        before = select(call, call.body, "Customer")
        made = built(call, Contact(call.store.fresh_id(), primary=False), given)
        return _saved(call, (*before.contacts, made), made)


def edit(call: Call) -> dict[str, Any]:
    """Change one contact; leaving out Salutation, Title or Email clears them, as RPM's page warns."""
    given = call.needs("Contact")
    with call.store.transaction():
        before = select(call, call.body, "Customer")
        wanted = number(given.get("ContactID"))
        person = next((one for one in before.contacts if one.contact_id == wanted), None)
        if person is None:
            raise ApiError("Contact not found")
        if call.knobs.contact_omitted == "clears":
            given = {**dict.fromkeys(_CLEARED, ""), **given}
        made = built(call, person, given)
        return _saved(call, tuple(made if one is person else one for one in before.contacts), made)


def _saved(call: Call, people: tuple[Contact, ...], made: Contact) -> dict[str, Any]:
    before = select(call, call.body, "Customer")
    if call.body.get("IsPrimary") is True or len(people) == 1:
        people = tuple(replace(one, primary=one is made) for one in people)
    after = replace(before, contacts=people, modified=call.store.now())
    call.store.save(before, after, author="api")
    return {"Contact": wire.contact(made, call.knobs)}


def built(call: Call, person: Contact, given: Mapping[str, Any]) -> Contact:
    """The contact with the keys that were sent."""
    sent = {
        part: text(key, given[key], call.knobs)
        for key, part in {**_PARTS, **_CLEARED}.items()
        if key in given
    }
    parts: dict[str, Any] = {part: value for part, value in sent.items() if value is not UNCHANGED}
    after = replace(person, **parts)
    for entry in objects(given.get("PhoneNumbers")):
        after = _with_phone(call, after, entry)
    return after


def _with_phone(call: Call, person: Contact, entry: Mapping[str, Any]) -> Contact:
    """Set a number by its id; one without an id is taken only while its type has none."""
    phone_id, sent = (
        number(entry.get("PhoneNumberID")) or 0,
        text("Number", entry.get("Number") or "", call.knobs),
    )
    kind = number(entry.get("Type"))
    if kind not in PHONE_TYPES:
        raise ApiError(f"Unrecognized type for phone number: {entry.get('Type')}")
    value = "" if sent is UNCHANGED else sent.strip()
    phones = []
    for phone in person.phones:
        free = not phone.phone_id and not phone_id and phone.kind == kind and value
        if free:
            phones.append(Phone(phone.kind, call.store.fresh_id(), value))
        elif phone_id and phone.phone_id == phone_id:
            phones.append(replace(phone, number=value))
        else:
            phones.append(phone)
    return replace(person, phones=tuple(phones))
