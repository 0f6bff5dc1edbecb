"""A view -> text for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment.

Made to be read from the top and left early: totals, then customers gravest first, then what needs a person, then what to do
next. Without colour nothing is lost, and no control character of RPM, YAML or git gets through. Sentences are wrapped for a
terminal, values never: a line of unusual data runs over, and a log keeps all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.report.grouping import shared_and_own
from reconciler.report.remarks import shared_remarks, shared_since, since
from reconciler.report.styled import LOG, Line, cells, printed
from reconciler.report.summaries import DOT, SYMBOLS, listed
from reconciler.report.text_changes import GAP, INDENT, STYLES, change_lines, columns_of, remark_lines
from reconciler.report.value_diff import brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.report.view import Customer, Group, Item, Notice, Part, Sides, View

_MOST: Final = 4_000


def text(view: View, *, width: int | None, color: bool) -> str:
    """The view; the first line says whether to read on. Ends with a line break.

    `width` is that of a terminal; None is a log or a pipe, for which values are laid out as for 80 cells and no sentence is
    wrapped.
    """
    return printed(_lines(view, width or LOG), width=width, color=color)


def _lines(view: View, width: int) -> Iterator[Line]:
    """The lines of a view, in reading order."""
    first, *others = _headline(view.headline, width)
    yield first
    if view.second:
        yield Line(view.second.said(_safe))
    yield from others
    yield from (Line(sentence.said(_safe)) for sentence in view.opening)
    for part in view.parts:
        yield from _part_lines(part, view.sides, width)
    for notice in view.notices:
        if not notice.repeats:
            yield from _notice_lines(notice)
    closing = [view.closing.said(_safe)] if view.closing else []
    yield from _paragraph([*view.counts, *closing])
    yield from _paragraph([f"Digest {view.digest}" if view.digest else "", *_next_lines(view)])


def _headline(sentence: str, width: int) -> list[Line]:
    """The first line; what does not fit the width goes to further ones, parted between two facts."""
    lines: list[str] = []
    for part in sentence.split(DOT):
        joined = f"{lines[-1]}{DOT}{part}" if lines else part
        if lines and cells(joined) > width:
            lines.append(part)
        else:
            lines[-1:] = [joined]
    return [Line(line, "bold") for line in lines]


def _next_lines(view: View) -> list[str]:
    """What to do, an answer a line."""
    return [f"{'     ' if number else 'Next:'} {step.said}" for number, step in enumerate(view.next)]


def _part_lines(part: Part, sides: Sides, width: int) -> Iterator[Line]:
    """What many customers share, once; then each customer with what is left."""
    if part.title:
        yield from (
            Line(),
            Line(f"{part.title} ({counted(len(part.customers), 'customer')})", "bold underline"),
        )
    common, others = shared_and_own(part.customers)
    if common:
        yield from (Line(), Line("The same for many customers", "underline"))
    for together in common:
        yield from _shared_lines(together, sides, width)
    for customer in others:
        yield Line()
        yield from _customer_lines(customer, sides, width)


def _shared_lines(together: Sequence[Group], sides: Sides, width: int) -> Iterator[Line]:
    """The changes that the same customers share, with their count and the first ids."""
    ids = [str(customer.customer_id) for customer in together[0].customers]
    columns = columns_of([group.change for group in together], sides, width=width, indent=0)
    for group in together:
        yield from change_lines(group.change, columns)
        yield from remark_lines(shared_remarks(group), columns)
    yield Line(f"{' ' * INDENT}{counted(len(ids), 'customer')}: {listed(ids)}")
    if sides.labelled:
        yield from remark_lines([shared_since(together[0])], columns)


def _customer_lines(customer: Customer, sides: Sides, width: int) -> Iterator[Line]:
    """A customer's header and its changes."""
    yield from _header_lines(customer, sides, width)
    columns = columns_of(customer.changes, sides, width=width, indent=INDENT)
    for change in customer.changes:
        yield from change_lines(change, columns)
        yield from remark_lines(customer.remarks.get(change.attribute, ()), columns)
    if customer.elsewhere:
        yield Line(f"{' ' * INDENT}and {customer.elsewhere}", "dim")


def _header_lines(customer: Customer, sides: Sides, width: int) -> Iterator[Line]:
    """Who and where, and of drift since when: on one line if it fits."""
    head = Line().append(f"{SYMBOLS[customer.kind]} ", STYLES[customer.kind])
    head.append(f"{customer.customer_id} {brief(customer.name)}", "bold")
    head.append(f"{GAP}{_safe(customer.place)}", "dim")
    if not sides.labelled:
        yield head
        return
    when = f"{GAP}{since(customer.since).said(brief)}"
    if head.cells + cells(when) <= width:
        yield head.append(when)
    else:
        yield from (head, Line(when, "italic"))


def _notice_lines(notice: Notice) -> Iterator[Line]:
    """A notice under its title."""
    yield Line()
    yield Line(notice.heading(_safe), "bold red" if notice.urgent else "underline")
    for item in notice.items:
        yield from _item_lines(item, "  ")


def _item_lines(item: Item, margin: str) -> Iterator[Line]:
    """One entry, a line for each of its own; its advice and what it is about below it."""
    first, *others = item.text.split("\n")
    head = Line(margin)
    if item.place and not item.customer:
        head.append(f"{_safe(item.place)}: ", "dim")
    head.append(_safe(first))
    if item.place and item.customer:
        head.append(f"{GAP}{_safe(item.place)}", "dim")
    yield head
    yield from (Line(margin + _safe(line)) for line in others)
    if item.advice:
        for number, line in enumerate(item.advice.split("\n")):
            yield Line(f"{margin}  {' ' if number else '→'} {_safe(line)}", "italic")
    for one in item.below:
        yield from _item_lines(one, margin + " " * INDENT)


def _paragraph(sentences: Iterable[str]) -> Iterator[Line]:
    """The sentences that say something, an empty line before the first."""
    said = [sentence for sentence in sentences if sentence]
    if said:
        yield Line()
    yield from map(Line, said)


def _safe(said: str) -> str:
    """A text of YAML, RPM or git on one line."""
    return brief(said, _MOST)
