"""The one table of what a customer's attributes are: name, limits, and where they stand on the wire.

Adding an attribute is adding a row. Limits are the old public ones (`rpm-api.md` section 5, "Old size
limits"); over-long input is refused before anything is sent, because RPM cuts some of it in silence.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final

FIELDS: Final = "Fields."
CUSTOMER_ID_LIMIT: Final = 2**63 - 1
FIELD_NAME_LIMIT: Final = 64
LIST_OPTION_LIMIT: Final = 50


@dataclass(frozen=True, slots=True)
class Attribute:
    """One kind of attribute: its path, the most characters it may have, and its place in an answer.

    `location` says that the value stands in the primary entry of `Locations`, not at the top.
    """

    name: str
    limit: int
    multiline: bool = False
    location: bool = False


NAME: Final = Attribute("Name", limit=64)
WEBSITE: Final = Attribute("Website", limit=128)
ADDRESS: Final = Attribute("Address", limit=128, multiline=True, location=True)
FIELD: Final = Attribute("Fields", limit=5000, multiline=True)

BUILT_IN: Final = {row.name: row for row in (NAME, WEBSITE, ADDRESS)}

READ_ONLY: Final = (
    "Accounts", "Added", "Age", "Aliases", "Contacts", "DefaultRep", "DefaultRepID", "Locations",
    "Modified", "Notes", "NotesForStaff",
)  # fmt: skip


def field_path(name: str) -> str:
    """The path of a custom field: `Tier` is `Fields.Tier`; one text for all customers, who share few fields."""
    return sys.intern(FIELDS + name)


def is_field(path: str) -> bool:
    """Whether the path names a custom field."""
    return path.startswith(FIELDS)


def field_name(path: str) -> str:
    """The custom field's own name: `Fields.Tier` is `Tier`."""
    return path[len(FIELDS) :]


def kind_of(path: str) -> Attribute:
    """The table's row for a path."""
    return FIELD if is_field(path) else BUILT_IN[path]
