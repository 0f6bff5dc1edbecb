r"""The table of attributes and `fields:` -> the JSON Schema of a customer file, for editors. Pure.

It accepts what `validate` accepts, as far as a schema can see it: an editor has already parsed the YAML, so that
`01234`, `NO` and `1e3` arrive as numbers and booleans, which are therefore texts too. What no schema can say is left
to `validate`: two keys that mean one field, a day that no month has, the spelling of a parsed number, and
everything between two files. `tests/customers/test_schema.py` lists each such difference with its reason.

Patterns keep to what Python's and JavaScript's regular expressions read alike; so no character beyond U+FFFF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reconciler.core.attributes import (
    ADDRESS,
    CUSTOMER_ID_LIMIT,
    FIELD,
    FIELD_NAME_LIMIT,
    LIST_OPTION_LIMIT,
    NAME,
    WEBSITE,
    field_path,
)
from reconciler.core.field_types import ListOf, Text
from reconciler.core.text import BIDI, BREAKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.field_types import FieldType

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCALAR: Final = ["string", "number", "boolean"]

_SPOILED: Final = rf"\x7f-\x9f\ufeff\ufffe\uffff{BIDI}{BREAKS}"
_UNFIT: Final = rf"[\x00-\x08\x0b\x0c\x0e-\x1f{_SPOILED}]|\r(?!\n)"
_UNFIT_LINE: Final = rf"[\x00-\x08\x0a-\x1f{_SPOILED}]"
_UNSEEN: Final = r"[\u00ad\u200b-\u200d\u2060]"
_MONTH: Final = "(0?[1-9]|1[0-2])"
_DAY: Final = "(0?[1-9]|[12][0-9]|3[01])"
_DATE: Final = (
    rf"^$|^\s*((?!0000)[0-9]{{4}}-{_MONTH}-{_DAY}([T ]0{{1,2}}:00(:00(\.0+)?)?Z?)?"
    rf"|{_MONTH}/{_DAY}/(?!0000)[0-9]{{4}}( (0{{1,2}}:00(:00)?|12:00(:00)? AM))?)\s*$"
)
_DIGITS: Final = r"(([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]*)?|\.[0-9]+)\s?%?"
_NUMBER: Final = rf"^$|^\s*([+-]?[$€£]?{_DIGITS}|[$€£][+-]{_DIGITS}|\([$€£]?{_DIGITS}\))\s*$"
_YES_OR_NO: Final = (
    r"^$|^\s*([Yy]([Ee][Ss])?|[Nn][Oo]?|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Oo][Nn]|[Oo][Ff][Ff]|[01])\s*$"
)
_OPTION: Final = rf"\s*([^,\s]([^,]{{0,{LIST_OPTION_LIMIT - 2}}}[^,\s])?\s*)?"
_CHOSEN: Final = rf"^{_OPTION}(,{_OPTION})*$"
_SPELT: Final = {
    **dict.fromkeys(("true", "yes", "on", "y"), True),
    **dict.fromkeys(("false", "no", "off", "n"), False),
}


def customer_schema(
    field_types: Mapping[str, FieldType], names: Iterable[str] | None = None
) -> dict[str, Any]:
    """The schema of one document of a customer file.

    `field_types` says how fields compare, by path. With `names`, all fields there are in RPM, any other field is refused.
    """
    return {
        "$schema": DIALECT,
        "title": "Customer",
        "description": "One customer of an RPM Telco subscription. What is not mentioned here is never sent.",
        "type": "object",
        "required": ["Name"],
        "additionalProperties": False,
        "properties": {
            "CustomerID": _customer_id(),
            "Name": _name(),
            "Website": _line(WEBSITE.limit, 'The primary website; "" clears it.', "https://acme.example"),
            "Address": _text(
                ADDRESS.limit, 'Street address of the primary location; "" clears it.', "742 Green Terrace"
            ),
            "Fields": _fields(field_types, names),
        },
        "examples": [{"CustomerID": 10023, "Name": "Acme, Inc.", "Fields": {"Tier": "Gold"}}],
    }


def _customer_id() -> dict[str, Any]:
    return {
        "title": "CustomerID",
        "description": "The number RPM shows, and the customer's identity. Without it a customer cannot be renamed.",
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": CUSTOMER_ID_LIMIT},
            {"type": "string", "pattern": r"^[1-9][0-9]{0,18}$", "not": _holding(r"\n")},
        ],
        "examples": [10023],
    }


def _name() -> dict[str, Any]:
    line = _line(NAME.limit, "The name: unique in RPM, whatever its case.", "Acme, Inc.")
    return {**line, "minLength": 1, "not": _holding(rf"^\s|\s$|{_UNSEEN}|{_UNFIT_LINE}")}


def _line(limit: int, description: str, example: str) -> dict[str, Any]:
    return {**_text(limit, description, example), "not": _holding(_UNFIT_LINE)}


def _text(limit: int, description: str, *examples: str) -> dict[str, Any]:
    shown = {"examples": list(examples)} if examples else {}
    rule = {"type": SCALAR, "maxLength": limit, "not": _holding(_UNFIT)}
    return {"description": f"{description} At most {limit:,} characters.", **rule, **shown}


def _holding(pattern: str) -> dict[str, str]:
    """What `not` takes: a number, which has no pattern to fail, must not count as one that fits."""
    return {"type": "string", "pattern": pattern}


def _fields(field_types: Mapping[str, FieldType], names: Iterable[str] | None) -> dict[str, Any]:
    """The custom fields: those that `fields:` describes, or exactly those that RPM has."""
    described = [path.partition(".")[2] for path in field_types] if names is None else names
    return {
        "title": "Fields",
        "description": 'Custom fields by their name in RPM. One that is not here is left alone; "" clears it.',
        "type": "object",
        "properties": {name: field_schema(field_types.get(field_path(name), Text())) for name in described},
        "propertyNames": {
            "maxLength": FIELD_NAME_LIMIT,
            "pattern": r"\S",
            "not": _holding(rf"{_UNSEEN}|{_UNFIT_LINE}"),
        },
        "additionalProperties": field_schema(Text()) if names is None else False,
    }


def field_schema(field_type: FieldType) -> dict[str, Any]:
    """The schema of one custom field, by how it compares."""
    if isinstance(field_type, ListOf) and field_type.options:
        return {
            "description": "One of a list.",
            "enum": _spellings(field_type.options),
            "examples": list(field_type.options),
        }
    match field_type.kind:
        case "date":
            return {
                "description": "A date.",
                "type": "string",
                "pattern": _DATE,
                "examples": ["2026-04-16"],
            }
        case "number":
            return {
                "description": "A number.",
                "type": ["string", "number"],
                "pattern": _NUMBER,
                "examples": [1200, "1200.50"],
            }
        case "yesno":
            word = {"type": "string", "pattern": _YES_OR_NO}
            return {
                "description": "Yes or No.",
                "anyOf": [{"type": "boolean"}, {"enum": [0, 1]}, word],
                "examples": ["Yes", "No"],
            }
        case "set":
            chosen = _text(FIELD.limit, "Options with commas between them, in any order.", "Internet, Voice")
            return {**chosen, "pattern": _CHOSEN}
        case "list":
            return _text(LIST_OPTION_LIMIT, "One option of a list in RPM.")
        case _:
            return _text(FIELD.limit, "A text, exactly as RPM should store it.")


def _spellings(options: Iterable[str]) -> list[Any]:
    """The options, empty, and what an editor's YAML parser makes of an option such as `1` or `Yes`."""
    spellings: list[Any] = []
    for option in ("", *options):
        parsed = _SPELT.get(option.lower(), _number(option))
        spellings += [it for it in (option, parsed) if it is not None and not _among(it, spellings)]
    return spellings


def _among(value: Any, values: list[Any]) -> bool:
    """Whether JSON would call the value one of these: `true` is not 1 there."""
    return any(type(value) is type(it) and value == it for it in values)


def _number(text: str) -> float | None:
    """The JSON number that a plain scalar is, if it is one."""
    try:
        return float(text) if text.isascii() and text[-1:].isdigit() else None
    except ValueError:
        return None
