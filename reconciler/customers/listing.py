"""Customers of YAML -> a table of their managed attributes, for people, programs and spreadsheets. Pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.errors import InputError
from reconciler.core.text import shortened
from reconciler.customers.attribute_names import ID, NAME, attribute_problem, known_attributes
from reconciler.customers.spreadsheet import write_sheet

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer

IDENTITY: Final = (ID, NAME)
_ADVICE: Final = 'name attributes as in Website,Fields.Tier; one whose name has a comma stands alone, or in quotes: "Fields.City, State"'


@dataclass(frozen=True, slots=True)
class CustomerTable:
    """Customers and the attributes to show of them; id and name come first whether they were asked for or not.

    Values of `masked` attributes are shown nowhere.
    """

    customers: tuple[DesiredCustomer, ...]
    attributes: tuple[str, ...]
    masked: frozenset[str]

    def values(self, customer: DesiredCustomer) -> list[str | None]:
        """The values of a customer's attributes, in their order; None for one that its file does not manage."""
        return [customer.values.get(it) for it in self.attributes]


def customer_table(
    customers: Sequence[DesiredCustomer], rules: CompareRules, columns: Sequence[str] = ()
) -> CustomerTable:
    """The table of some customers: with the columns asked for, or with all attributes that any of them manages."""
    managed = {path for it in customers for path in it.values}
    wanted = list(dict.fromkeys(columns)) or [
        path for path in known_attributes(customers, rules) if path in managed
    ]
    return CustomerTable(tuple(customers), tuple(path for path in wanted if path not in IDENTITY), rules.mask)


def parse_columns(words: Sequence[str], known: Collection[str]) -> list[str]:
    """The attributes that words name: each word one, or several with commas between them.

    Raises `InputError` for one that is no attribute.
    """
    columns = [it for word in words for it in ([word] if word in known else _parted(word))]
    for column in columns:
        if column not in IDENTITY and (problem := attribute_problem(column, known)):
            raise InputError(f"listing customers: {problem}", advice=_ADVICE)
    return columns


def _parted(word: str) -> list[str]:
    """Attributes with commas between them; one whose name has a comma is in double quotes."""
    try:
        rows = list(csv.reader([word], skipinitialspace=True))
    except csv.Error:
        rows = []
    found = [name.strip() for row in rows for name in row if name.strip()]
    if not found:
        raise InputError(f'listing customers: "{shortened(word)}" names no attributes', advice=_ADVICE)
    return found


def table_csv(table: CustomerTable) -> bytes:
    """The table for a spreadsheet, which `set --from` takes back; an attribute that is not managed is an empty cell.

    Masked attributes are left out.
    """
    shown = [it for it in table.attributes if it not in table.masked]
    rows = (
        [
            "" if it.customer_id is None else str(it.customer_id),
            it.name,
            *(it.values.get(path, "") for path in shown),
        ]
        for it in table.customers
    )
    return write_sheet([*IDENTITY, *shown], rows)
