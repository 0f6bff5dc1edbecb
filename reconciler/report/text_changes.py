"""One change -> lines of text in the columns that it shares with others. Pure.

A change stands on one line where the width allows, its values in columns; else its sides stand below each other. Widths
are counted in cells, so that wide characters keep the columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.report.remarks import change_remarks
from reconciler.report.styled import Line, cells
from reconciler.report.summaries import DOT, SYMBOLS
from reconciler.report.value_diff import Contrast, brief, sides_of
from reconciler.report.view import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.report.view import Remark, Shown, Sides

STYLES: Final = {
    Kind.CONFLICT: "bold red",
    Kind.RENAME: "magenta",
    Kind.CLEAR: "red",
    Kind.FILL: "green",
    Kind.DRIFT: "cyan",
    Kind.CHANGE: "yellow",
}
GAP: Final = "  "
INDENT: Final = 4
_ARROW: Final = " → "
_ATTRIBUTE_CELLS: Final = 28
_ATTRIBUTE: Final = 60
_REMARK: Final = 200


@dataclass(frozen=True, slots=True)
class Columns:
    """Where values stand: the width, the indent, the cells of the widest attribute and of the widest value before."""

    sides: Sides
    width: int
    indent: int
    attribute: int
    before: int = 0

    @property
    def value(self) -> int:
        """The cells left of a value: the indent, the symbol, the attribute and the gap."""
        return self.indent + 2 + self.attribute + len(GAP)

    @property
    def names(self) -> tuple[str, str]:
        """What stands before each value on a line."""
        labelled = self.sides.labelled
        return (f"{self.sides.before} ", f"{self.sides.after} ") if labelled else ("", "")

    @property
    def room(self) -> int:
        """The cells that both values of a change may take on one line."""
        return self.width - self.value - len(_ARROW) - sum(map(len, self.names))


def columns_of(changes: Sequence[Shown], sides: Sides, *, width: int, indent: int) -> Columns:
    """The columns that these changes share; what would not fit on one line has no say in them."""
    widest = max((cells(brief(it.attribute, _ATTRIBUTE)) for it in changes), default=0)
    columns = Columns(sides, width, indent, min(_ATTRIBUTE_CELLS, widest))
    fitting = [
        cells(it.before[0])
        for it in map(sides_of, changes)
        if it.one_line and cells(it.before[0]) + cells(it.after[0]) <= columns.room
    ]
    return Columns(sides, width, indent, columns.attribute, max(fitting, default=0))


def change_lines(change: Shown, columns: Columns) -> list[Line]:
    """One change: a line if it fits, else its sides below each other."""
    head = Line(" " * columns.indent, no_wrap=True)
    head.append(f"{SYMBOLS[change.kind]} ", STYLES[change.kind])
    head.append(_padded(brief(change.attribute, _ATTRIBUTE), columns.attribute) + GAP)
    sides = sides_of(change)
    remarks = [*([sides.note] if sides.note else []), *(it.said(brief) for it in _of_change(change, columns))]
    if not sides.one_line:
        return _tall(head, sides, remarks, columns)
    (before,), (after,) = sides.before, sides.after
    if cells(before) + cells(after) > columns.room:
        return _with_remarks(_stacked(head, before, after, columns), remarks, columns)
    if columns.before + cells(after) <= columns.room:
        before = _padded(before, columns.before)
    said, has = columns.names
    line = head.append(said, "dim").append(before, "bold" if said else "dim")
    line.append(_ARROW).append(has, "dim").append(after, "yellow" if said else "bold")
    return _with_remarks([line], remarks, columns)


def _of_change(change: Shown, columns: Columns) -> tuple[Remark, ...]:
    """What a plan says of a change; an audit, whose every change is drift, says it of each customer."""
    return () if columns.sides.labelled else change_remarks(change, columns.sides.base)


def _stacked(head: Line, before: str, after: str, columns: Columns) -> list[Line]:
    """Two values that do not fit on one line: each on its own, after its name or an arrow."""
    if not columns.sides.labelled:
        arrow = " " * (columns.value - 2) + "→ "
        return [head.append(before, "dim"), Line(arrow, no_wrap=True).append(after, "bold")]
    return [head.part(0, len(head.plain)), *_labelled([before], [after], columns)]


def _tall(head: Line, sides: Contrast, remarks: Sequence[str], columns: Columns) -> list[Line]:
    """A change of several lines: what goes, then what comes."""
    head.append(DOT.join(remarks) or "several lines", "dim")
    if columns.sides.labelled:
        return [head, *_labelled(sides.before, sides.after, columns)]
    margin = " " * (columns.indent + INDENT)
    gone = [Line(f"{margin}- {line}", "red", no_wrap=True) for line in sides.before]
    come = [Line(f"{margin}+ {line}", "green", no_wrap=True) for line in sides.after]
    return [head, *gone, *come]


def _labelled(before: Sequence[str], after: Sequence[str], columns: Columns) -> Iterator[Line]:
    """The lines of both sides, the name of each before its first."""
    names = (columns.sides.before, columns.sides.after)
    margin = max(map(cells, names)) + len(GAP)
    for name, lines, style in zip(names, (before, after), ("bold", "yellow"), strict=True):
        for number, line in enumerate(lines):
            label = " " * (columns.indent + INDENT) + (name if number == 0 else "").ljust(margin)
            yield Line(label, "dim", no_wrap=True).append(line, style)


def _with_remarks(lines: list[Line], remarks: Sequence[str], columns: Columns) -> list[Line]:
    """The remarks after the last line where they fit, else each below it."""
    joined = GAP + DOT.join(remarks)
    if remarks and lines[-1].cells + cells(joined) <= columns.width:
        lines[-1].append(joined, "italic")
        return lines
    return [*lines, *_sentences_below(remarks, columns)]


def remark_lines(remarks: Iterable[Remark], columns: Columns) -> list[Line]:
    """Remarks on lines of their own."""
    return _sentences_below([remark.said(lambda said: brief(said, _REMARK)) for remark in remarks], columns)


def _sentences_below(sentences: Sequence[str], columns: Columns) -> list[Line]:
    """Sentences under the values, or all under the attribute where one would run over the width."""
    widest = max(map(cells, sentences), default=0)
    left = columns.value if columns.value + widest <= columns.width else columns.indent + INDENT
    return [Line(" " * left + sentence, "italic") for sentence in sentences]


def _padded(said: str, width: int) -> str:
    """The text with spaces up to so many cells."""
    return said + " " * (width - cells(said))
