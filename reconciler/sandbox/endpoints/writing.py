"""What becomes of a text on its way into the store: the knobs' answer to limits, blanks and spaces.

`UNCHANGED` says that the value stays what it was. Limits are RPM's old public ones (`rpm-api.md`
section 5).
"""

from __future__ import annotations

import html
import re
import unicodedata
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from reconciler.sandbox.call import ApiError
from reconciler.sandbox.knobs import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.sandbox.knobs import Knobs
    from reconciler.sandbox.records import FieldDefinition

LIMITS: Final = {
    "Name": 64, "Website": 128, "Address": 128, "City": 64, "StateProvince": 21, "Country": 64,
    "ZipPostalCode": 12, "Alias": 64, "Salutation": 48, "FirstName": 48, "LastName": 48, "Title": 48, "Email": 48,
    "Number": 64,
}  # fmt: skip
FIELD_LIMIT: Final = 5000
YES_NO: Final = frozenset({"yes", "no", "true", "false", "1", "0"})


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED


def text(name: str, given: Any, knobs: Knobs) -> str | Unchanged:
    """A value sent for a named attribute, as it is stored."""
    if given is None or (given == "null" and knobs.null_word == "clears"):
        return "" if given == "null" or knobs.null == "clears" else UNCHANGED
    if given == "":
        return "" if knobs.blank == "clears" else UNCHANGED
    value = given if isinstance(given, str) else _written(given)
    for step in _steps(knobs):
        value = step(value)
    if name == "Website" and knobs.website_scheme == "yes" and "://" not in value:
        value = f"http://{value}"
    return _fitted(name, value.upper() if name in listed(knobs.upper) else value, knobs)


def _written(given: Any) -> str:
    return {True: "True", False: "False"}[given] if isinstance(given, bool) else str(given)


def _steps(knobs: Knobs) -> list[Callable[[str], str]]:
    steps: list[Callable[[str], str]] = []
    if knobs.trim == "yes":
        steps.append(str.strip)
    if knobs.collapse == "yes":
        steps.append(lambda value: re.sub(" {2,}", " ", value))
    if knobs.unicode != "as sent":
        form = knobs.unicode
        steps.append(lambda value: unicodedata.normalize(form, value))
    if knobs.line_ends != "as sent":
        end = "\n" if knobs.line_ends == "lf" else "\r\n"
        steps.append(lambda value: value.replace("\r\n", "\n").replace("\n", end))
    if knobs.entities == "yes":
        steps.append(lambda value: html.escape(value, quote=False))
    return steps


def _fitted(name: str, value: str, knobs: Knobs) -> str:
    limit = LIMITS.get(name, FIELD_LIMIT)
    if len(value) <= limit or knobs.too_long == "stored":
        return value
    if knobs.too_long == "error":
        raise ApiError(f"{name} cannot be longer than {limit} characters")
    return value[:limit]


def field_value(definition: FieldDefinition, given: Any, knobs: Knobs) -> str | Unchanged:
    """A value sent for a custom field, as it is stored; a choice that does not exist is bad."""
    value = text(definition.name, given, knobs)
    if value is UNCHANGED or not value:
        return value
    if definition.kind == "multi":
        return _chosen(definition, value, knobs)
    if definition.kind == "list" and value not in definition.options:
        return _bad(definition, value, knobs)
    if definition.kind == "yesno" and value.lower() not in YES_NO:
        return _bad(definition, value, knobs)
    return value


def _chosen(definition: FieldDefinition, value: str, knobs: Knobs) -> str | Unchanged:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    known = [part for part in parts if part in definition.options]
    if knobs.bad_option != "blanks" and known != parts:
        return _bad(definition, value, knobs)
    return ", ".join(known)


def _bad(definition: FieldDefinition, value: str, knobs: Knobs) -> str | Unchanged:
    if knobs.bad_option == "error":
        raise ApiError(f'"{value}" is not an option of "{definition.name}"')
    if knobs.bad_option == "kept":
        return UNCHANGED
    return value if knobs.bad_option == "stored" else ""
