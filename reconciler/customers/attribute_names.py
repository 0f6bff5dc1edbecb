"""The attributes that a person may name, to set them or to list them, and why another word is none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, FIELDS, READ_ONLY, is_field
from reconciler.core.nearest import nearest
from reconciler.core.text import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer

ID: Final = "CustomerID"
NAME: Final = "Name"
_READ_ONLY: Final = frozenset(name.casefold() for name in READ_ONLY)


def known_attributes(customers: Iterable[DesiredCustomer], rules: CompareRules) -> list[str]:
    """The attributes that may be set: the built-in ones, and the fields that a file manages or `fields:` describes."""
    managed = {path for it in customers for path in it.values if is_field(path)}
    return [*BUILT_IN, *sorted(managed | set(rules.field_types))]


def attribute_problem(name: str, known: Collection[str]) -> str:
    """Why nothing can be set under a name, or nothing."""
    if name in known:
        return ""
    shown = shortened(name)
    if name == ID:
        return "`CustomerID` says which customer it is and cannot be set"
    if name.casefold() in _READ_ONLY:
        return f'"{shown}" is set by RPM alone and cannot be set'
    if FIELDS + name in known:
        return f'unknown attribute "{shown}"; did you mean "{FIELDS}{shown}"?'
    meant = nearest(name, [ID, *known])
    if is_field(name):
        return f'no file manages "{shown}", and `fields:` does not describe it{meant}'
    meant = meant or f"; there are {', '.join(BUILT_IN)}, and custom fields as in {FIELDS}Tier"
    return f'unknown attribute "{shown}"{meant}'
