"""The names that a customer bears in the middle of a cycle of renames: `<name> (renaming <id>)`. Pure.

A run that was cut short may leave one, so whoever compares, writes or validates a name must recognise it. This is
the one place that knows its form. A random name could not be recognised, which is why the id stands in it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import NAME
from reconciler.core.field_types import normalize_name

if TYPE_CHECKING:
    from collections.abc import Container

_SUFFIX: Final = re.compile(r" \(renaming ([1-9]\d*)\)(?: (?:[2-9]|[1-9]\d+))?\Z", re.ASCII)
_COMBINING: Final = "\u0300\u036f"


def temporary_name(observed: str, customer_id: int, taken: Container[str]) -> str:
    """`<name> (renaming <id>)`, cut to fit RPM's 64 characters; ` 2` and so on where that is taken.

    `taken` are normalized names. A suffix of this customer that an earlier run left is not repeated.
    """
    base = without_suffix(observed, customer_id)
    serial = 1
    while True:
        suffix = f" (renaming {customer_id})" + (f" {serial}" if serial > 1 else "")
        name = _cut(base, NAME.limit - len(suffix)) + suffix
        if normalize_name(name) not in taken:
            return name
        serial += 1


def is_temporary(name: str, customer_id: int | None = None) -> bool:
    """Whether a name is a temporary one: of this customer, or, without an id, of any."""
    found = _SUFFIX.search(name)
    return found is not None and customer_id in {None, int(found[1])}


def without_suffix(name: str, customer_id: int) -> str:
    """The name without this customer's own suffixes."""
    while is_temporary(name, customer_id):
        name = _SUFFIX.sub("", name)
    return name


def _cut(text: str, limit: int) -> str:
    """At most so many characters, no letter parted from its combining marks, no space at the end."""
    if len(text) > limit:
        while limit and _COMBINING[0] <= text[limit] <= _COMBINING[1]:
            limit -= 1
        text = text[:limit]
    return text.rstrip()
