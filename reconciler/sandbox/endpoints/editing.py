"""CustomerEdit: what is named changes, the rest stays (`rpm-api.md` sections 2.4 and 3).

Any error fails the whole call: a record is built first and saved once, in one transaction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox.call import ApiError, objects
from reconciler.sandbox.endpoints.reading import select
from reconciler.sandbox.endpoints.writing import UNCHANGED, field_value, text
from reconciler.sandbox.records import Customer, folded, with_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reconciler.sandbox.call import Call

TAKEN: Final = "A customer with that name already exists"
NAMELESS: Final = "A customer name is required"
PLACE_KEYS: Final = {
    "Address": "address", "City": "city", "StateProvince": "province", "Country": "country", "ZipPostalCode": "zip_code",
}  # fmt: skip


def edit(call: Call) -> dict[str, Any]:
    """CustomerEdit: what is named changes, the rest stays; answers the whole customer."""
    given = call.needs("Customer")
    with call.store.transaction():
        before = select(call, given, "Name")
        return commit(call, before, edited(call, before, given))


def edited(call: Call, before: Customer, given: Mapping[str, Any]) -> Customer:
    """The customer as the call asks for it."""
    after = before
    if given.get("CustomerID") is not None and "Name" in given:
        after = renamed(call, after, given["Name"])
    if "Website" in given and (website := text("Website", given["Website"], call.knobs)) is not UNCHANGED:
        after = replace(after, website=website)
    after = _moved(call, after, given)
    return replace(after, values=with_fields(call, after.values, given.get("Fields")))


def renamed(call: Call, before: Customer, given: Any) -> Customer:
    """The customer under another name, if nobody has it."""
    name = text("Name", given, call.knobs)
    if name is UNCHANGED or name == before.name:
        return before
    if not name.strip():
        raise ApiError(NAMELESS)
    if folded(name) == folded(before.name) and call.knobs.case_rename != "allowed":
        if call.knobs.case_rename == "ignored":
            return before
        raise ApiError(TAKEN)
    if taken(call, name, before.customer_id):
        raise ApiError(TAKEN)
    if call.knobs.rename_alias == "yes":
        return replace(before, name=name, aliases=(*before.aliases, before.name))
    return replace(before, name=name)


def taken(call: Call, name: str, but_by: int = 0) -> bool:
    """Whether a customer other than that one has the name, or an alias that counts."""
    return any(
        holder != but_by and (not alias or call.knobs.aliases_taken == "yes")
        for holder, alias in call.store.holders(name)
    )


def _moved(call: Call, before: Customer, given: Mapping[str, Any]) -> Customer:
    keys = {"street": ("Address",), "ignored": (), "all": tuple(PLACE_KEYS)}[call.knobs.address]
    sent = {key: text(key, given[key], call.knobs) for key in keys if key in given}
    parts: dict[str, Any] = {PLACE_KEYS[key]: value for key, value in sent.items() if value is not UNCHANGED}
    if not parts:
        return before
    if before.primary_location is None:
        before = with_address(before, "", call.store.fresh_id())
    places = tuple(replace(one, **parts) if one.primary else one for one in before.locations)
    return replace(before, locations=places)


def with_fields(call: Call, values: Mapping[str, str], given: Any) -> Mapping[str, str]:
    """The values with those of the sent Fields; of two fields with one name, the first is meant."""
    by_name = {one.name: one for one in reversed(call.fields())}
    after = dict(values)
    for entry in objects(given):
        name = entry.get("Field")
        definition = by_name.get(name) if isinstance(name, str) else None
        if definition is None:
            if call.knobs.unknown_field == "error":
                raise ApiError(f'Field "{name}" was not found')
            continue
        value = field_value(definition, entry.get("Value"), call.knobs)
        if value is not UNCHANGED:
            after[definition.uid] = value
    return after


def commit(call: Call, before: Customer, asked: Customer) -> dict[str, Any]:
    """Save what the faults and knobs let through; the answer."""
    after = _kept(call, before, asked)
    if call.knobs.modified_moves == "on every edit" or (
        call.knobs.modified_moves == "on change" and after != before
    ):
        after = replace(after, modified=call.store.now())
    if after != before:
        call.store.save(before, after, author="api")
    if call.knobs.edit_answer == "stale":
        return call.shown(before)
    return call.shown(replace(asked, modified=after.modified) if call.keep.lie else after)


def _kept(call: Call, before: Customer, asked: Customer) -> Customer:
    """The asked-for record without the attributes that a fault keeps as they were."""
    if not call.keep.paths:
        return asked
    names = {one.uid: f"Fields.{one.name}" for one in call.store.fields()}
    values = {
        uid: value if names.get(uid, "") not in call.keep else before.values.get(uid, "")
        for uid, value in asked.values.items()
    }
    return replace(
        asked,
        name=before.name if "Name" in call.keep else asked.name,
        website=before.website if "Website" in call.keep else asked.website,
        locations=before.locations if "Address" in call.keep else asked.locations,
        values=values,
    )


def place_parts(call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """The address keys that were sent, as they are stored."""
    sent = {part: text(key, given[key], call.knobs) for key, part in PLACE_KEYS.items() if key in given}
    return {part: value for part, value in sent.items() if value is not UNCHANGED}
