"""A reader of RPM -> the names of the custom fields that the subscription has.

RPM has no call that lists them, but shows every customer with all of its fields, empty ones too (`rpm-api.md` section
2.2): the first customer of the list tells them all, in two calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.core.attributes import field_name, is_field
from reconciler.core.errors import InputError

if TYPE_CHECKING:
    from reconciler.rpm.reader import Reader


def field_names(reader: Reader) -> tuple[str, ...]:
    """The names in alphabetical order; raises `InputError` where there is no customer to look at."""
    first = next(iter(reader.customers()), None)
    if first is None:
        advice = "add one in RPM, or leave out --live"
        raise InputError(
            "reading the names of the fields: RPM has no customer that shows them", advice=advice
        )
    return tuple(sorted(field_name(path) for path in reader.customer(first).values if is_field(path)))
