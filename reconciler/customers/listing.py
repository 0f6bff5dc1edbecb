"""Customers of YAML -> a table of their managed attributes, for people, programs and spreadsheets. Pure."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.attributes import BUILT_IN, is_field
from reconciler.core.errors import InputError
from reconciler.customers.attribute_names import ID, NAME, attribute_problem
from reconciler.customers.spreadsheet import write_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.core.field_types import CompareRules
    from reconciler.core.values import DesiredCustomer

IDENTITY: Final = (ID, NAME)


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
    """The table of some customers: with the columns asked for, or with all attributes that any of them manages.

    Raises `InputError` for a column that is no attribute.
    """
    managed = {path for it in customers for path in it.values}
    known = [*BUILT_IN, *sorted(path for path in managed | set(rules.field_types) if is_field(path))]
    for column in columns:
        if column not in IDENTITY and (problem := attribute_problem(column, known)):
            raise InputError(
                f"listing customers: {problem}", advice="name attributes as in Website,Fields.Tier"
            )
    wanted = list(dict.fromkeys(columns)) or [path for path in known if path in managed]
    return CustomerTable(tuple(customers), tuple(path for path in wanted if path not in IDENTITY), rules.mask)


def parse_columns(words: Sequence[str]) -> list[str]:
    """Attributes with commas between them; one whose name holds a comma stands in double quotes."""
    return [name.strip() for row in csv.reader(words, skipinitialspace=True) for name in row if name.strip()]


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
