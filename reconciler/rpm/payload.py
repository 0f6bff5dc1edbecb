"""JSON of the API -> observed customers, and values -> the body of an edit. Pure; every doubt is an error that names its place in the answer.

Shapes: `rpm-api.md` section 2. Ids may come as digits in a string; texts may be null, which is empty; `Aliases` holds
strings or objects; several fields may bear one name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.attributes import field_name, field_path, is_field
from reconciler.core.values import ObservedCustomer
from reconciler.rpm.errors import Lost, WrongCustomer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reconciler.core.clock import Moment
    from reconciler.rpm.response import Answer


_path_of: Final = lru_cache(maxsize=4_096)(field_path)  # every customer shows the same fields
_YES_NO: Final[dict[str | int, bool]] = {
    1: True,
    0: False,
    "1": True,
    "0": False,
    "true": True,
    "false": False,
}


ID_LIMIT: Final = 2**63
_NONE: Final[frozenset[str]] = frozenset()


class ShapeError(ValueError):
    """Something in a record is not what it must be; the text begins with its JSON path in the record."""


def untrusted(doing: str, what: str) -> Lost:
    """What an answer of a wrong shape is: none."""
    return Lost(doing, f"the answer cannot be trusted: {what}", retryable=True)


def read_customer(doing: str, answer: Answer, asked: int, read_at: Moment) -> ObservedCustomer:
    """A whole customer, made sure to be the one that was asked for."""
    record = answer.result
    try:
        customer_id = id_at(record)
        if customer_id != asked:
            raise WrongCustomer(doing, f"asked for customer {asked}, got {customer_id}")
        values, ambiguous = _fields(record.get("Fields"))
        if "Website" in record:
            values["Website"] = text_at(record, "Website")
        values["Name"] = name_at(record, "Name")
        locations = record.get("Locations")
        if locations is not None:  # an answer may leave all of them out, which says nothing of the address
            values["Address"] = _address(locations)
        aliases = tuple(_aliases(record.get("Aliases")))
        modified = text_at(record, "Modified")
    except ShapeError as error:
        raise untrusted(doing, f"$.Result{error}") from None
    return ObservedCustomer(
        customer_id,
        values,
        read_at,
        whole=True,
        modified=modified,
        aliases=aliases,
        ambiguous=ambiguous,
        answered_at=answer.answered_at,
    )


def id_at(record: Mapping[str, Any], name: str = "CustomerID") -> int:
    """An id: a whole number from 1, or its digits in a string."""
    value = record.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < ID_LIMIT:
        raise ShapeError(f".{name} is not an id")
    return value


def text_at(record: Mapping[str, Any], name: str) -> str:
    """A text; null and absence are empty."""
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError(f".{name} is not a text")
    return value


def name_at(record: Mapping[str, Any], name: str) -> str:
    """A customer's name, which must be there and may be empty: one customer without a name blocks no other."""
    if record.get(name) is None:
        raise ShapeError(f".{name} is missing")
    return text_at(record, name)


def _fields(value: Any) -> tuple[dict[str, str], frozenset[str]]:
    """Custom fields by path, and those that stand there more than once."""
    values: dict[str, str] = {}
    ambiguous = set[str]()
    for index, entry in enumerate(_objects(value, ".Fields")):
        name, text = entry.get("Field"), entry.get("Value")
        if type(name) is not str or not name or (text is not None and type(text) is not str):
            raise ShapeError(f".Fields[{index}]{_odd(name)}")
        path = _path_of(name)
        if path in values:
            ambiguous.add(path)
        else:
            values[path] = text or ""
    return values, frozenset(ambiguous) if ambiguous else _NONE


def _odd(name: Any) -> str:
    """What is wrong with a field whose name or value is no text."""
    if name is None or name == "":
        return ".Field is empty"
    return ".Value is not a text" if isinstance(name, str) else ".Field is not a text"


def _address(value: Any) -> str:
    """The street address of the primary location; no location reads as empty."""
    for index, location in enumerate(_objects(value, ".Locations")):
        if _is_true(f".Locations[{index}].IsPrimary", location.get("IsPrimary")):
            return _at(f".Locations[{index}]", location, "Address")
    return ""


def _is_true(path: str, value: Any) -> bool:
    """A yes or no, as RPM writes one: a boolean, 1 or 0, or either in a text; absent is no."""
    if value is None or value == "":
        return False
    word = value.casefold() if isinstance(value, str) else value
    if not isinstance(word, (str, int)) or word not in _YES_NO:
        raise ShapeError(f"{path} is neither yes nor no")
    return _YES_NO[word]


def _aliases(value: Any) -> Iterable[str]:
    """The other names a customer answers to; the shape of an entry is undocumented (section 2.2)."""
    if value is not None and not isinstance(value, list):
        raise ShapeError(".Aliases is not a list")
    for index, entry in enumerate(value or []):
        if isinstance(entry, dict):
            yield _at(f".Aliases[{index}]", entry, "Alias")
        elif isinstance(entry, str):
            yield entry
        else:
            raise ShapeError(f".Aliases[{index}] is neither a text nor an object")


def _objects(value: Any, path: str) -> list[dict[str, Any]]:
    """A list of objects; null is none."""
    if value is None:
        return []
    if not isinstance(value, list) or not set(map(type, value)) <= {dict}:
        raise ShapeError(f"{path} is not a list of objects")
    return value


def _at(path: str, entry: Mapping[str, Any], name: str) -> str:
    """A text of an entry that stands at a path."""
    try:
        return text_at(entry, name)
    except ShapeError as error:
        raise ShapeError(f"{path}{error}") from None


def request_of(customer_id: int, values: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The body of the CustomerEdit that sets these values: the id, and nothing that is not named.

    Shape: `rpm-api.md` section 2.4; custom fields go by their name in `Fields`.
    """
    customer: dict[str, Any] = {"CustomerID": customer_id}
    fields: list[dict[str, str]] = []
    for attribute, text in values:
        if is_field(attribute):
            fields.append({"Field": field_name(attribute), "Value": text})
        else:
            customer[attribute] = text
    if fields:
        customer["Fields"] = fields
    return {"Customer": customer}
