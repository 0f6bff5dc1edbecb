"""CustomerLocationAdd and CustomerLocationEdit (`rpm-api.md` section 2.6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reconciler.sandbox import wire
from reconciler.sandbox.call import ApiError, number
from reconciler.sandbox.endpoints.editing import PLACE_KEYS, place_parts
from reconciler.sandbox.endpoints.reading import select
from reconciler.sandbox.records import Customer, Location, folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import Call


def add(call: Call) -> dict[str, Any]:
    """A further place of a customer."""
    if call.body.get("CustomerID") is None:
        raise ApiError('Call requires parameter: "CustomerID" which was not found')
    given = call.needs("Location")
    with call.store.transaction():
        before = select(call, call.body, "Customer")
        name, now = _free_name(before, given, None), call.store.now()
        parts = place_parts(call, {"Country": call.knobs.default_country, **given})
        made = Location(
            call.store.fresh_id(), primary=not before.locations, name=name, **parts, added=now, modified=now
        )
        return _saved(call, before, (*before.locations, made), made)


def edit(call: Call) -> dict[str, Any]:
    """Change one place; whether address keys left out are kept is a knob."""
    given = call.needs("Location")
    with call.store.transaction():
        before = select(call, call.body, "Customer")
        if given.get("LocationID") is None:
            raise ApiError("Location ID not passed into call")
        wanted = number(given["LocationID"])
        place = next((one for one in before.locations if one.location_id == wanted), None)
        if place is None:
            raise ApiError("Location not found")
        if call.knobs.location_omitted == "clears":
            given = {**dict.fromkeys(PLACE_KEYS, ""), **given}
        name = _free_name(before, given, place)
        made = replace(place, name=name, **place_parts(call, given), modified=call.store.now())
        return _saved(call, before, tuple(made if one is place else one for one in before.locations), made)


def _free_name(customer: Customer, given: Mapping[str, Any], but: Location | None) -> str:
    name = given.get("Name")
    if not isinstance(name, str) or not name.strip():
        raise ApiError("A location requires a name")
    if any(one is not but and folded(one.name) == folded(name) for one in customer.locations):
        raise ApiError("Location with this name already exists for the customer")
    return name


def _saved(call: Call, before: Customer, places: tuple[Location, ...], made: Location) -> dict[str, Any]:
    """Save the places, the made one promoted if the call says so: `true` promotes, `false` cannot demote."""
    shown = made
    if call.needs("Location").get("IsPrimary") == 1:
        shown = replace(made, primary=True)
        places = tuple(shown if one is made else replace(one, primary=False) for one in places)
    after = replace(before, locations=places, modified=call.store.now())
    call.store.save(before, after, author="api")
    if call.knobs.location_answer == "id":
        return {"CustomerLocationID": wire.identity(made.location_id, call.knobs)}
    return {"Location": wire.location(shown, call.knobs)}
