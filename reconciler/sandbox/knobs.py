"""The table of what is not known about RPM, or differs between its versions: one setting for each.

A row is a name, the values it may take, a meaning, and the default, which is what the evidence supports
best (`rpm-api.md` sections 3, 5 and 8). The dataclass below is that table; `table()` reads it for
people. Knobs are kept as text in the database and survive a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Mapping

YesNo = Literal["yes", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Every knob, and its default."""

    # How answers are shaped
    errors: Annotated[Literal["object", "string"], "shape of Error: an object with Message, or its text"] = (
        "object"
    )
    wrapper: Annotated[Literal["Result", "legacy"], "outer key of an answer: Result, or <Call>Result"] = (
        "Result"
    )
    ids: Annotated[Literal["number", "string"], "how ids are written in answers"] = "number"
    uid: Annotated[YesNo, "whether fields carry Uid and Format"] = "yes"
    age: Annotated[YesNo, "whether answers carry Age"] = "yes"
    modified: Annotated[Literal["day", "second", "missing"], "precision of Added and Modified"] = "day"
    modified_zone: Annotated[int, "minutes that Added and Modified are ahead of UTC"] = 0
    modified_moves: Annotated[Literal["on change", "on every edit", "never"], "which edits move Modified"] = (
        "on change"
    )
    alias_shape: Annotated[Literal["object", "text"], "an entry of Aliases"] = "object"
    edit_answer: Annotated[Literal["fresh", "stale"], "whether an edit's answer shows the edit"] = "fresh"
    location_answer: Annotated[Literal["full", "id"], "answer of the location calls"] = "full"
    date: Annotated[YesNo, "whether answers carry the HTTP header Date"] = "yes"
    date_shift: Annotated[int, "seconds that the header Date is ahead of the true time"] = 0

    # The list
    empty_list: Annotated[Literal["error", "list"], "no customers at all: an error, or []"] = "error"
    duplicate_rows: Annotated[YesNo, "the list carries its first row twice"] = "no"
    aliases_listed: Annotated[YesNo, "aliases are rows of the list, under their customer's id"] = "no"
    list_order: Annotated[Literal["id", "name", "shuffled"], "order of the list's rows"] = "id"
    list_dates: Annotated[YesNo, "rows of the list carry Added and Modified"] = "yes"

    # What is stored of what is sent
    blank: Annotated[Literal["clears", "ignored"], 'what "" does to a value'] = "clears"
    null: Annotated[Literal["clears", "ignored"], "what null does to a value"] = "ignored"
    null_word: Annotated[Literal["stored", "clears"], "what the text null does"] = "stored"
    unknown_field: Annotated[Literal["ignored", "error"], "a field that does not exist"] = "ignored"
    bad_option: Annotated[
        Literal["blanks", "kept", "error", "stored"], "an option that a list does not have"
    ] = "blanks"
    too_long: Annotated[Literal["cut", "error", "stored"], "text beyond the size limits"] = "cut"
    trim: Annotated[YesNo, "outer spaces are dropped"] = "no"
    collapse: Annotated[YesNo, "runs of spaces become one"] = "no"
    unicode: Annotated[Literal["as sent", "NFC", "NFD"], "normal form of stored text"] = "as sent"
    line_ends: Annotated[Literal["as sent", "lf", "crlf"], "line ends of stored text"] = "as sent"
    entities: Annotated[YesNo, "& < > are stored as HTML entities"] = "no"
    upper: Annotated[str, "fields (commas between) whose text is stored in upper case"] = ""
    website_scheme: Annotated[YesNo, "a Website without a scheme gets http:// put before it"] = "no"
    address: Annotated[
        Literal["street", "ignored", "all"], "CustomerEdit obeys Address; or no address key; or all five"
    ] = "street"
    contact_omitted: Annotated[
        Literal["clears", "keeps"], "Salutation, Title, Email left out of a contact edit"
    ] = "clears"
    location_omitted: Annotated[Literal["keeps", "clears"], "address keys left out of a location edit"] = (
        "keeps"
    )

    # How values read
    yes_no: Annotated[Literal["words", "digits"], "yes/no fields read as Yes and No, or 1 and 0"] = "words"
    dates: Annotated[Literal["iso", "us", "as sent"], "dates read as 2026-04-16 or 4/16/2026"] = "iso"
    money: Annotated[Literal["as sent", "places", "symbol"], "1200, 1200.00 or $1,200.00"] = "as sent"
    blank_province: Annotated[str, "how an empty StateProvince reads"] = "n/a"
    blank_phone: Annotated[str, "how a phone number reads after it was blanked"] = "none"
    duplicate_field: Annotated[str, "a field that answers carry twice, the second blank"] = ""

    # Names
    aliases_taken: Annotated[YesNo, "an alias of one customer cannot be the name of another"] = "yes"
    rename_alias: Annotated[YesNo, "a rename leaves the previous name as an alias"] = "no"
    case_rename: Annotated[
        Literal["allowed", "refused", "ignored"], "a rename that changes nothing but case"
    ] = "allowed"
    lookup_alias: Annotated[YesNo, "a customer is found by an alias"] = "no"
    lookup_case: Annotated[YesNo, "a customer is found by its name in another case"] = "yes"
    merged_read: Annotated[
        Literal["not found", "master"], "what a read by the id of a merged customer finds"
    ] = "not found"

    # The subscription and its keys
    subscriber_id: Annotated[int, "Info's SubscriberID"] = 1207
    default_country: Annotated[str, "Country of a location that is made without one"] = "United States"
    second_key: Annotated[str, "a further key that is accepted and may only read"] = ""
    hidden_fields: Annotated[str, "fields (commas between) that answers leave out and edits ignore"] = ""
    hidden_customers: Annotated[
        str, "ids (commas between) that do not exist for the API; names stay taken"
    ] = ""
    hidden_from: Annotated[Literal["everyone", "second key"], "whom the hidden is hidden from"] = "everyone"

    # Trouble without a script
    latency: Annotated[float, "seconds that every API call takes"] = 0.0
    daily_limit: Annotated[int, "calls a day (UTC) before API daily limit reached; 0 is no limit"] = 0
    outage: Annotated[Literal["none", "404", "500"], "every API call answers so, in HTML"] = "none"


DEFAULTS: Final = Knobs()
_AMOUNTS: Final = ("latency", "daily_limit", "subscriber_id")
_MOST: Final = 1_000_000_000


class KnobError(ValueError):
    """A knob that does not exist, or a value that it does not take."""


@dataclass(frozen=True, slots=True)
class Row:
    """A knob as people read it."""

    name: str
    meaning: str
    default: str
    choices: tuple[str, ...]
    type: type


@cache
def table() -> dict[str, Row]:
    """Every knob by its name, in the order above."""
    hints = get_type_hints(Knobs, include_extras=True)
    return {one.name: _row(one.name, *get_args(hints[one.name])) for one in fields(Knobs)}


def _row(name: str, kind: object, meaning: str) -> Row:
    default = getattr(DEFAULTS, name)
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    return Row(name, meaning, str(default), choices, type(default))


def turned(knobs: Knobs, settings: Mapping[str, object]) -> Knobs:
    """The knobs with some of them set, from text or JSON values; all or none."""
    return replace(knobs, **{name: _value(name, given) for name, given in settings.items()})


def _value(name: str, given: object) -> Any:
    rows = table()
    if name not in rows:
        near = get_close_matches(name, rows, 1)
        raise KnobError(f'no knob is called "{name}"' + (f'; "{near[0]}" is one' if near else ""))
    row = rows[name]
    text = ("yes" if given else "no") if isinstance(given, bool) else str(given)
    if row.choices and text not in row.choices:
        raise KnobError(f'{name} is one of {", ".join(row.choices)}, not "{text}"')
    try:
        value = row.type(text)
    except ValueError:
        raise KnobError(f'{name} is a number, not "{text}"') from None
    if name in _AMOUNTS and not 0 <= value <= _MOST:
        raise KnobError(f'{name} is a number from 0 to {_MOST}, not "{text}"')
    return value


@cache
def listed(text: str) -> frozenset[str]:
    """The entries of a knob that is a list."""
    return frozenset(part.strip() for part in text.split(",") if part.strip())
