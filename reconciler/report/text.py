"""A view -> text for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment.

Made to be read from the top and left early: totals, then customers gravest first, then what needs a person, then what to do
next. Without colour nothing is lost, and no control character of RPM, YAML or git gets through.

A change stands on one line where the width allows, its values in columns; else its sides stand below each other. Widths
are counted in cells, so that wide characters keep the columns. Sentences are wrapped for a terminal, values never: a line
of unusual data runs over, and a log keeps all of it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.core.text import counted
from reconciler.core.wrapping import line_starts
from reconciler.report.ci_escape import disarmed
from reconciler.report.summaries import (
    DOT,
    SYMBOLS,
    change_remarks,
    listed,
    shared_remarks,
    shared_since,
    since,
)
from reconciler.report.value_diff import Contrast, brief, sides_of
from reconciler.report.view import Kind, shared_and_own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.report.view import Customer, Group, Item, Notice, Part, Remark, Shown, Sides, View

STYLES: Final = {
    Kind.CONFLICT: "bold red",
    Kind.RENAME: "magenta",
    Kind.CLEAR: "red",
    Kind.FILL: "green",
    Kind.DRIFT: "cyan",
    Kind.CHANGE: "yellow",
}
_ARROW: Final = " → "
_ATTRIBUTE_CELLS: Final = 28
_ATTRIBUTE: Final = 60
_GAP: Final = "  "
_INDENT: Final = 4
_REMARK: Final = 200
_MOST: Final = 4_000
_LOG: Final = 80


def text(view: View, *, width: int | None, color: bool) -> str:
    """The view; the first line says whether to read on. Ends with a line break.

    `width` is that of a terminal; None is a log or a pipe, for which values are laid out as for 80 cells and no sentence is
    wrapped, so that whoever searches finds it whole.
    """
    lines = _lines(view, width or _LOG)
    if width is not None:
        lines = (part for line in lines for part in _wrapped(line, width))
    return _printed(lines, width=width or _LOG, color=color)


def _wrapped(line: Text, width: int) -> Iterable[Text]:
    """A line as several, where it is one of words and too long; what goes on stands below where its words begin."""
    said = line.plain
    if line.cell_len <= width or line.no_wrap:
        return [line]
    hanging = len(said) - len(said.lstrip(" →"))
    place = next((said[it.start : it.end].strip() for it in line.spans if it.style == "dim"), "")
    parts = line.divide(line_starts(said, width, hanging=hanging, keep=place, measure=cell_len))
    for part in parts:
        part.rstrip()
    return [parts[0], *(Text(" " * hanging).append_text(part) for part in parts[1:])]


def _lines(view: View, width: int) -> Iterator[Text]:
    """The lines of a view, in reading order."""
    yield from _headline(view.headline, width)
    yield from (Text(sentence.said(_safe)) for sentence in view.opening)
    for part in view.parts:
        yield from _part_lines(part, view.sides, width)
    for notice in view.notices:
        if not notice.repeats:
            yield from _notice_lines(notice)
    closing = [view.closing.said(_safe)] if view.closing else []
    yield from _paragraph([*view.counts, *closing])
    yield from _paragraph([f"Digest {view.digest}" if view.digest else "", *_next_lines(view)])


def _headline(sentence: str, width: int) -> list[Text]:
    """The first line; what does not fit the width goes to a second, parted between two facts."""
    lines: list[str] = []
    for part in sentence.split(DOT):
        joined = f"{lines[-1]}{DOT}{part}" if lines else part
        if lines and cell_len(joined) > width:
            lines.append(part)
        else:
            lines[-1:] = [joined]
    return [Text(line, "bold") for line in lines]


def _next_lines(view: View) -> list[str]:
    """What to do, an answer a line."""
    return [f"{'     ' if number else 'Next:'} {step.said}" for number, step in enumerate(view.next)]


def _part_lines(part: Part, sides: Sides, width: int) -> Iterator[Text]:
    """What many customers share, once; then each customer with what is left."""
    if part.title:
        yield from (
            Text(),
            Text(f"{part.title} ({counted(len(part.customers), 'customer')})", "bold underline"),
        )
    common, others = shared_and_own(part.customers)
    if common:
        yield from (Text(), Text("The same for many customers", "underline"))
    for together in common:
        yield from _shared_lines(together, sides, width)
    for customer in others:
        yield Text()
        yield from _customer_lines(customer, sides, width)


def _shared_lines(together: Sequence[Group], sides: Sides, width: int) -> Iterator[Text]:
    """The changes that the same customers share, with their count and the first ids."""
    ids = [str(customer.customer_id) for customer in together[0].customers]
    columns = _columns([group.change for group in together], sides, width=width, indent=0)
    for group in together:
        yield from _one_change(group.change, columns)
        yield from (_below(remark, columns) for remark in shared_remarks(group))
    yield Text(f"{' ' * _INDENT}{counted(len(ids), 'customer')}: {listed(ids)}")
    if sides.labelled:
        yield _below(shared_since(together[0]), columns)


def _customer_lines(customer: Customer, sides: Sides, width: int) -> Iterator[Text]:
    """A customer's header and its changes."""
    yield from _header_lines(customer, sides, width)
    columns = _columns(customer.changes, sides, width=width, indent=_INDENT)
    for change in customer.changes:
        yield from _one_change(change, columns)
        yield from (_below(remark, columns) for remark in customer.remarks.get(change.attribute, ()))
    if customer.elsewhere:
        yield Text(f"{' ' * _INDENT}and {customer.elsewhere}", "dim")


def _header_lines(customer: Customer, sides: Sides, width: int) -> Iterator[Text]:
    """Who and where, and of drift since when: on one line if it fits."""
    head = Text().append(f"{SYMBOLS[customer.kind]} ", STYLES[customer.kind])
    head.append(f"{customer.customer_id} {brief(customer.name)}", "bold")
    head.append(f"{_GAP}{_safe(customer.place)}", "dim")
    if not sides.labelled:
        yield head
        return
    when = f"{_GAP}{since(customer.since).said(brief)}"
    if head.cell_len + cell_len(when) <= width:
        yield head.append(when)
    else:
        yield from (head, Text(when, "italic"))


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
        return self.indent + 2 + self.attribute + len(_GAP)

    @property
    def names(self) -> tuple[str, str]:
        """What stands before each value on a line."""
        labelled = self.sides.labelled
        return (f"{self.sides.before} ", f"{self.sides.after} ") if labelled else ("", "")

    @property
    def room(self) -> int:
        """The cells that both values of a change may take on one line."""
        return self.width - self.value - len(_ARROW) - sum(map(len, self.names))


def _columns(changes: Sequence[Shown], sides: Sides, *, width: int, indent: int) -> Columns:
    """The columns that these changes share; what would not fit on one line has no say in them."""
    widest = max((cell_len(brief(it.attribute, _ATTRIBUTE)) for it in changes), default=0)
    columns = Columns(sides, width, indent, min(_ATTRIBUTE_CELLS, widest))
    fitting = [
        cell_len(it.before[0])
        for it in map(sides_of, changes)
        if it.one_line and cell_len(it.before[0]) + cell_len(it.after[0]) <= columns.room
    ]
    return Columns(sides, width, indent, columns.attribute, max(fitting, default=0))


def _one_change(change: Shown, columns: Columns) -> list[Text]:
    """One change: a line if it fits, else its sides below each other."""
    head = Text(" " * columns.indent, no_wrap=True)
    head.append(f"{SYMBOLS[change.kind]} ", STYLES[change.kind])
    head.append(_padded(brief(change.attribute, _ATTRIBUTE), columns.attribute) + _GAP)
    sides = sides_of(change)
    remarks = [*([sides.note] if sides.note else []), *(it.said(brief) for it in _of_change(change, columns))]
    if not sides.one_line:
        return _tall(head, sides, remarks, columns)
    (before,), (after,) = sides.before, sides.after
    if cell_len(before) + cell_len(after) > columns.room:
        return _with_remarks(_stacked(head, before, after, columns), remarks, columns)
    if columns.before + cell_len(after) <= columns.room:
        before = _padded(before, columns.before)
    said, has = columns.names
    line = head.append(said, "dim").append(before, "bold" if said else "dim")
    line.append(_ARROW).append(has, "dim").append(after, "yellow" if said else "bold")
    return _with_remarks([line], remarks, columns)


def _of_change(change: Shown, columns: Columns) -> tuple[Remark, ...]:
    """What a plan says of a change; an audit, whose every change is drift, says it of each customer."""
    return () if columns.sides.labelled else change_remarks(change)


def _stacked(head: Text, before: str, after: str, columns: Columns) -> list[Text]:
    """Two values that do not fit on one line: each on its own, behind its name or an arrow."""
    if not columns.sides.labelled:
        arrow = " " * (columns.value - 2) + "→ "
        return [head.append(before, "dim"), Text(arrow, no_wrap=True).append(after, "bold")]
    return [head, *_labelled([before], [after], columns)]


def _tall(head: Text, sides: Contrast, remarks: Sequence[str], columns: Columns) -> list[Text]:
    """A change of several lines: what goes, then what comes."""
    head.append(DOT.join(remarks) or "several lines", "dim")
    if columns.sides.labelled:
        return [head, *_labelled(sides.before, sides.after, columns)]
    margin = " " * (columns.indent + _INDENT)
    gone = [Text(f"{margin}- {line}", "red", no_wrap=True) for line in sides.before]
    come = [Text(f"{margin}+ {line}", "green", no_wrap=True) for line in sides.after]
    return [head, *gone, *come]


def _labelled(before: Sequence[str], after: Sequence[str], columns: Columns) -> Iterator[Text]:
    """The lines of both sides, the name of each before its first."""
    names = (columns.sides.before, columns.sides.after)
    margin = max(map(cell_len, names)) + len(_GAP)
    for name, lines, style in zip(names, (before, after), ("bold", "yellow"), strict=True):
        for number, line in enumerate(lines):
            label = " " * (columns.indent + _INDENT) + (name if number == 0 else "").ljust(margin)
            yield Text(label, "dim", no_wrap=True).append(line, style)


def _with_remarks(lines: list[Text], remarks: Sequence[str], columns: Columns) -> list[Text]:
    """The remarks behind the last line where they fit, else each below it."""
    joined = _GAP + DOT.join(remarks)
    if remarks and lines[-1].cell_len + cell_len(joined) <= columns.width:
        lines[-1].append(joined, "italic")
        return lines
    return [*lines, *(_sentence_below(remark, columns) for remark in remarks)]


def _below(remark: Remark, columns: Columns) -> Text:
    """A remark on a line of its own."""
    return _sentence_below(remark.said(lambda said: brief(said, _REMARK)), columns)


def _sentence_below(sentence: str, columns: Columns) -> Text:
    """A sentence under the values, or further left where it would run over the width."""
    left = max(columns.indent + _INDENT, min(columns.value, columns.width - cell_len(sentence)))
    return Text(" " * left + sentence, "italic")


def _notice_lines(notice: Notice) -> Iterator[Text]:
    """A notice under its title."""
    yield Text()
    yield Text(notice.heading, "bold red" if notice.urgent else "underline")
    for item in notice.items:
        yield from _item_lines(item, "  ")


def _item_lines(item: Item, margin: str) -> Iterator[Text]:
    """One entry, a line for each of its own; its advice and what it holds for below it."""
    first, *others = item.text.split("\n")
    head = Text(margin)
    if item.place and not item.customer:
        head.append(f"{_safe(item.place)}: ", "dim")
    head.append(_safe(first))
    if item.place and item.customer:
        head.append(f"{_GAP}{_safe(item.place)}", "dim")
    yield head
    yield from (Text(margin + _safe(line)) for line in others)
    if item.advice:
        for number, line in enumerate(item.advice.split("\n")):
            yield Text(f"{margin}  {' ' if number else '→'} {_safe(line)}", "italic")
    for one in item.below:
        yield from _item_lines(one, margin + " " * _INDENT)


def _paragraph(sentences: Iterable[str]) -> Iterator[Text]:
    """The sentences that say something, an empty line before the first."""
    said = [sentence for sentence in sentences if sentence]
    if said:
        yield Text()
    yield from map(Text, said)


def _safe(said: str) -> str:
    """A text of YAML, RPM or git on one line."""
    return brief(said, _MOST)


def _padded(said: str, cells: int) -> str:
    """The text with spaces up to so many cells."""
    return said + " " * (cells - cell_len(said))


def _printed(lines: Iterable[Text], *, width: int, color: bool) -> str:
    """The lines as one string. Rich is given an empty environment: what it may do is settled by the arguments.

    Without colour it would write what is there already, character by character, at twice the price of making it.
    """
    if not color:
        return disarmed("".join(f"{line.plain}\n" for line in lines))
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(width, 1),
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    console.print(Text("\n").join(lines), soft_wrap=True)
    return disarmed(stream.getvalue())
