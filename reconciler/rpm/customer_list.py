"""RPM's customer list: id, name and `Modified` of every customer, a hundred thousand of them at once.

A run asks whether an id is there, and of a few customers what the list says. So the rows stay texts, and a customer is made of one where
somebody looks. Shape of a row: `rpm-api.md` section 2.1.
"""

from __future__ import annotations

from collections.abc import KeysView, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.values import ObservedCustomer
from reconciler.rpm.payload import ID_LIMIT, ShapeError, id_at, name_at, text_at, untrusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.core.clock import Moment
    from reconciler.rpm.response import Answer


_PLAIN: Final = itemgetter("CustomerID", "Customer", "Modified")


class CustomerList(Mapping[int, ObservedCustomer]):
    """The customers of one list by id, as far as a list tells them (`whole` is false)."""

    __slots__ = ("_answered_at", "_read_at", "_rows")

    def __init__(self, rows: dict[int, tuple[str, str]], read_at: Moment, answered_at: int | None) -> None:
        """Take name and `Modified` by id, when the list was asked for, and when RPM says that it answered."""
        self._rows = rows
        self._read_at = read_at
        self._answered_at = answered_at

    def __getitem__(self, customer_id: int) -> ObservedCustomer:
        name, modified = self._rows[customer_id]
        return ObservedCustomer(
            customer_id,
            {"Name": name},
            self._read_at,
            whole=False,
            modified=modified,
            answered_at=self._answered_at,
        )

    def __contains__(self, customer_id: object) -> bool:
        return customer_id in self._rows

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def keys(self) -> KeysView[int]:
        """The ids."""
        return self._rows.keys()

    def names(self) -> Iterator[tuple[int, str]]:
        """Id and name of each customer."""
        return zip(self._rows, [name for name, _ in self._rows.values()], strict=True)


def names_in(listed: Mapping[int, ObservedCustomer]) -> Iterable[tuple[int, str]]:
    """Id and name of each customer, of a list without making a customer of each row."""
    if isinstance(listed, CustomerList):
        return listed.names()
    return ((customer_id, row.name) for customer_id, row in listed.items())


def read_list(doing: str, answer: Answer, read_at: Moment) -> CustomerList:
    """The rows of `Customers`; the same row twice is one (older servers list aliases so)."""
    rows = answer.result.get("Customers")
    if not isinstance(rows, list):
        raise untrusted(doing, "$.Result.Customers is not a list")
    found: dict[int, tuple[str, str]] = {}
    for index in range(len(rows)):
        # The rows of a long list, and what is made of them, need not be there at once.
        row, rows[index] = rows[index], None
        try:
            customer_id, name, modified = _row(row)
            if found.setdefault(customer_id, (name, modified))[0] != name:
                raise ShapeError(" has the id of another row and another name")
        except ShapeError as error:
            raise untrusted(doing, f"$.Result.Customers[{index}]{error}") from None
    return CustomerList(found, read_at, answer.answered_at)


def _row(row: Any) -> tuple[int, str, str]:
    """Id, name and `Modified` of one row: its name is under `Customer`."""
    if not isinstance(row, dict):
        raise ShapeError(" is not an object")
    try:
        customer_id, name, modified = _PLAIN(row)
    except KeyError:
        customer_id = name = modified = None
    if type(customer_id) is not int or not 0 < customer_id < ID_LIMIT:
        customer_id = id_at(row)
    if type(name) is not str:
        name = name_at(row, "Customer")
    if type(modified) is not str:
        modified = text_at(row, "Modified")
    return customer_id, name, modified
