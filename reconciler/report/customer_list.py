"""A table of customers -> text as wide as the screen, and its JSON document. Pure."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

from reconciler.core.text import MASKED, counted, printable, shortened
from reconciler.plan.document import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.customers.listing import CustomerTable

_WIDEST: Final = 32
_GAP: Final = "  "


def list_document(table: CustomerTable) -> dict[str, Any]:
    """The JSON document: each customer with the values of its managed attributes; a masked one is `(masked)`."""
    return {
        "format_version": FORMAT_VERSION,
        "customers": [
            {
                "customer_id": it.customer_id,
                "name": it.name,
                "file": it.file,
                "line": it.line,
                "values": {
                    path: MASKED if path in table.masked else it.values[path]
                    for path in table.attributes
                    if path in it.values
                },
            }
            for it in table.customers
        ],
    }


def list_text(table: CustomerTable, width: int) -> str:
    """The table with as many columns as fit, one at least after id and name, and how many do not; without customers, none."""
    if not table.customers:
        return "0 customers.\n"
    columns = [
        _column("CustomerID", [str(it.customer_id or "") for it in table.customers]),
        _column("Name", [shortened(it.name, _WIDEST) for it in table.customers]),
    ]
    used = sum(map(_width_of, columns)) + len(_GAP)
    shown = 0
    for attribute in table.attributes:
        column = _column(
            attribute, [_cell(table, it.values.get(attribute), attribute) for it in table.customers]
        )
        used += len(_GAP) + _width_of(column)
        if used > width and shown:
            break
        columns.append(column)
        shown += 1
    lines = [_GAP.join(row).rstrip() for row in zip(*map(_padded, columns), strict=True)]
    lines.append(f"\n{counted(len(table.customers), 'customer')}.")
    if hidden := len(table.attributes) - shown:
        lines.append(f"{counted(hidden, 'more attribute')}: --columns names some, --format csv has all.")
    return "\n".join(lines) + "\n"


def _cell(table: CustomerTable, value: str | None, attribute: str) -> str:
    if value is None:
        return ""
    return MASKED if attribute in table.masked else shortened(value, _WIDEST) or '""'


def _column(head: str, cells: Sequence[str]) -> list[str]:
    return [printable(head), *cells]


def _width_of(column: Sequence[str]) -> int:
    return max(map(_width, column))


def _padded(column: Sequence[str]) -> list[str]:
    widest = _width_of(column)
    return [cell + " " * (widest - _width(cell)) for cell in column]


def _width(text: str) -> int:
    """The cells that a terminal needs: two for a wide letter, none for a mark on one."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(it) else 2 if unicodedata.east_asian_width(it) in "WF" else 1
        for it in text
    )
