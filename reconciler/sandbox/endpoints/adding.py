"""CustomerAdd: a new customer, with what RPM gives one that says little (`rpm-api.md` section 2.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.sandbox.call import ApiError, objects
from reconciler.sandbox.endpoints.contacts import built
from reconciler.sandbox.endpoints.editing import NAMELESS, TAKEN, place_parts, taken, with_fields
from reconciler.sandbox.endpoints.writing import UNCHANGED, text
from reconciler.sandbox.records import Contact, Customer, Location, folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import Call


def add(call: Call) -> dict[str, Any]:
    """CustomerAdd: a customer with an empty primary location and contact where none is given."""
    given = call.needs("Customer")
    with call.store.transaction():
        name = text("Name", given.get("Name"), call.knobs)
        if name is UNCHANGED or not name.strip():
            raise ApiError(NAMELESS)
        if taken(call, name):
            raise ApiError(TAKEN)
        website = text("Website", given.get("Website", ""), call.knobs)
        now = call.store.now()
        made = Customer(
            call.store.fresh_id(),
            name,
            "" if website is UNCHANGED else website,
            added=now,
            modified=now,
            aliases=_free_aliases(call, name, given.get("Aliases")),
            values=with_fields(call, {}, given.get("Fields")),
            locations=_first_locations(call, given.get("Locations"), now),
            contacts=_first_contacts(call, given.get("Contacts")),
        )
        call.store.save(None, made, author="api")
        return call.shown(made)


def _free_aliases(call: Call, name: str, given: Any) -> tuple[str, ...]:
    """The aliases that are free; one in use anywhere is dropped without a word."""
    sent = [entry.get("Alias") for entry in objects(given)]
    names = dict.fromkeys(one for one in sent if isinstance(one, str) and one.strip())
    return tuple(one for one in names if folded(one) != folded(name) and not taken(call, one))


def _first_locations(call: Call, given: Any, now: str) -> tuple[Location, ...]:
    entries = objects(given)
    places = [
        Location(
            call.store.fresh_id(),
            primary=bool(entry.get("IsPrimary")),
            name=str(entry.get("Name") or ""),
            **place_parts(call, {"Country": call.knobs.default_country, **entry}),
            added=now,
            modified=now,
        )
        for entry in entries or [{}]
    ]
    chosen = max((n for n, place in enumerate(places) if place.primary), default=0)
    return tuple(
        replace(
            place, primary=n == chosen, name=place.name or ("Primary" if n == chosen else f"Location {n + 1}")
        )
        for n, place in enumerate(places)
    )


def _first_contacts(call: Call, given: Any) -> tuple[Contact, ...]:
    people = [_first_contact(call, entry) for entry in objects(given) or [{}]]
    chosen = max((n for n, person in enumerate(people) if person.primary), default=0)
    return tuple(replace(person, primary=n == chosen) for n, person in enumerate(people))


def _first_contact(call: Call, entry: Mapping[str, Any]) -> Contact:
    sent = entry.get("Contact")
    person = Contact(call.store.fresh_id(), primary=bool(entry.get("IsPrimary")))
    return built(call, person, sent if isinstance(sent, dict) else {})
