"""Customers and changes -> lines for a terminal or a log, styled, aligned, not yet printed. Pure.

A change stands on one line where the width allows, its values in columns; else before and after stand below each
other. Widths are counted in cells, so that wide characters keep the columns. Nothing is wrapped or left out to fit:
a line of unusual data runs over, and the log keeps all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from reconciler.core.text import counted
from reconciler.core.values import UNSET
from reconciler.report.sections import listed
from reconciler.report.summaries import DOT, SYMBOLS, symbol, why
from reconciler.report.value_diff import Contrast, brief, contrast, quoted
from reconciler.report.view import MASKED, Rank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.report.view import Customer, Group, Shown

STYLES: Final = {
    Rank.CONFLICT: "bold red",
    Rank.RENAME: "magenta",
    Rank.CLEAR: "red",
    Rank.DRIFT: "cyan",
    Rank.CHANGE: "yellow",
}
ARROW: Final = " → "
_NAME_CELLS: Final = 28
_GAP: Final = "  "


@dataclass(frozen=True, slots=True)
class Columns:
    """Where values stand: the indent, the cells of the widest attribute and of the widest value before."""

    width: int
    indent: int
    attribute: int
    before: int

    @property
    def value(self) -> int:
        """The cells left of a value: the indent, the symbol, the attribute and the gap."""
        return self.indent + 2 + self.attribute + len(_GAP)


def customer_lines(customer: Customer, changes: Sequence[Shown], *, width: int) -> list[Text]:
    """A customer's header and these of its changes; those that are not here were shown in a group."""
    head = Text().append(f"{SYMBOLS[customer.rank]} ", STYLES[customer.rank])
    head.append(f"{customer.customer_id} {brief(customer.name)}", "bold")
    head.append(f"{_GAP}{brief(customer.place, 500)}", "dim")
    lines = [head]
    columns = _columns(changes, width=width, indent=4)
    for change in changes:
        lines += change_lines(change, columns)
        if change.attribute == "Name":
            lines += [_below(sentence, columns) for sentence in order_sentences(customer)]
    if others := len(customer.changes) - len(changes):
        lines.append(Text(f"    and {counted(others, 'change')} shown above", "dim"))
    return lines


def order_sentences(customer: Customer) -> list[str]:
    """Why a rename runs when it does: through a passing name, or after another customer's."""
    if customer.via:
        return [f"via “{brief(customer.via, 80)}”, because the names form a cycle"]
    return [f"after customer {other} has given the name up" for other in customer.needs]


def group_lines(group: Group, *, width: int) -> list[Text]:
    """A change that many customers share, with their count and the first ids."""
    ids = [str(customer.customer_id) for customer in group.customers]
    who = f"{counted(len(ids), 'customer')}: {listed(ids)}"
    return [*change_lines(group.change, _columns([group.change], width=width, indent=0)), Text(f"    {who}")]


def change_lines(change: Shown, columns: Columns) -> list[Text]:
    """One change: a line if it fits, else its sides below each other."""
    head = Text(" " * columns.indent)
    head.append(f"{symbol(change)} ", STYLES[change.rank])
    head.append(_padded(brief(change.attribute, 60), columns.attribute) + _GAP)
    sides = sides_of(change)
    remark = DOT.join(part for part in (sides.note, reason(change)) if part)
    if not sides.one_line:
        return _tall(head, sides, remark, columns)
    (before,), (after,) = sides.before, sides.after
    if columns.value + cell_len(before) + len(ARROW) + cell_len(after) > columns.width:
        arrow = " " * (columns.value - 2) + "→ "
        lines = [head.append(before, "dim"), Text(arrow).append(after, "bold")]
    else:
        wide = columns.value + columns.before + len(ARROW) + cell_len(after) > columns.width
        before = before if wide else _padded(before, columns.before)
        lines = [head.append(before, "dim").append(ARROW).append(after, "bold")]
    return _with_remark(lines, remark, columns)


def sides_of(change: Shown) -> Contrast:
    """What may be shown of a change's two values."""
    if change.masked:
        return Contrast((MASKED,), ("changed",))
    return contrast(change.before, change.after)


def reason(change: Shown) -> str:
    """Who moved, with the base value of a conflict."""
    if change.rank is not Rank.CONFLICT or change.base is UNSET:
        return why(change)
    return f"{why(change)}; base {quoted(brief(change.base))}"


def _columns(changes: Sequence[Shown], *, width: int, indent: int) -> Columns:
    """The columns that these changes share; what would not fit on one line has no say in them."""
    attribute = min(_NAME_CELLS, max((cell_len(brief(it.attribute, 60)) for it in changes), default=0))
    room = width - indent - 2 - attribute - len(_GAP) - len(ARROW)
    sides = [sides_of(change) for change in changes]
    fitting = [
        cell_len(it.before[0])
        for it in sides
        if it.one_line and cell_len(it.before[0]) + cell_len(it.after[0]) <= room
    ]
    return Columns(width, indent, attribute, max(fitting, default=0))


def _tall(head: Text, sides: Contrast, remark: str, columns: Columns) -> list[Text]:
    """A change of several lines: what goes, then what comes."""
    margin = " " * (columns.indent + 4)
    gone = [Text(f"{margin}- {line}", "red") for line in sides.before]
    come = [Text(f"{margin}+ {line}", "green") for line in sides.after]
    return [head.append(remark or "several lines", "dim"), *gone, *come]


def _with_remark(lines: list[Text], remark: str, columns: Columns) -> list[Text]:
    """The remark behind the last line where it fits, else below it."""
    if not remark:
        return lines
    if lines[-1].cell_len + len(_GAP) + cell_len(remark) <= columns.width:
        lines[-1].append(_GAP + remark, "italic")
        return lines
    return [*lines, _below(remark, columns)]


def _below(sentence: str, columns: Columns) -> Text:
    """A sentence under the values, or further left where it would run over the width."""
    left = max(columns.indent + 4, min(columns.value, columns.width - cell_len(sentence)))
    return Text(" " * left + sentence, "italic")


def _padded(text: str, cells: int) -> str:
    """The text with spaces up to so many cells."""
    return text + " " * (cells - cell_len(text))
