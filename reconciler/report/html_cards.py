"""Customers with their changes -> the cards of the page, as HTML. Pure.

A page has a card for each customer that differs, ten thousand at worst, and a template takes 20 µs for one, a `Markup` for every text in
it. So cards are filled here: every text is made printable, and all texts of a piece are escaped in one call of the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import escape

from reconciler.core.text import printable
from reconciler.report.grouping import shared_and_own
from reconciler.report.html_page import full
from reconciler.report.remarks import base_lines, change_remarks, shared_remarks, since
from reconciler.report.summaries import SYMBOLS
from reconciler.report.value_diff import LONG, brief, sides_of
from reconciler.report.view import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reconciler.report.view import Customer, Group, Part, Remark, Shown, View

_NAME: Final = 200
_BETWEEN: Final = "\0"
"""Stands in no printable text."""


@dataclass(frozen=True, slots=True)
class Card:
    """Changes with the customers that they are the same for, one of them in most; `kinds` are for the filter."""

    customers: Sequence[Customer]
    kinds: str
    html: str


def filled(html: str, *texts: str) -> str:
    """The HTML with the texts, escaped, in place of each `%s`; raises TypeError unless there are as many."""
    return html % tuple(str(escape(_BETWEEN.join(texts))).split(_BETWEEN))


def cards_of(part: Part, view: View) -> Iterator[Card]:
    """What many customers share first, a card for all that the same customers share; then each customer that has more."""
    common, others = shared_and_own(part.customers)
    yield from (_shared_card(together, view) for together in common)
    yield from (_card(customer, view) for customer in others)


def kind_class(kind: Kind) -> str:
    """A kind's name in the page's own style and script."""
    return kind.name.lower()


def _card(customer: Customer, view: View) -> Card:
    """One customer."""
    kinds, customer_id = _kinds(customer.changes), str(customer.customer_id)
    head = filled(
        '<article data-kinds="%s" data-id="%s">\n<h3><bdi>%s</bdi> <span>%s</span></h3>\n',
        kinds,
        customer_id,
        brief(customer.name, _NAME),
        customer_id,
    )
    about = _about(customer, _since(customer, view))
    rows = [_row(it, customer.remarks.get(it.attribute, ()), view) for it in customer.changes]
    html = f'{head}<p class="place">{about}</p>\n<dl>\n{"".join(rows)}</dl>\n</article>\n'
    return Card((customer,), kinds, html)


def _shared_card(together: Sequence[Group], view: View) -> Card:
    """The changes that the same customers share, and everybody of them; since when they are so once, where that is one time."""
    customers = together[0].customers
    kinds, number = _kinds(group.change for group in together), f"{len(customers):,}"
    times = [_since(customer, view) for customer in customers]
    alike = len(set(times)) == 1
    head = filled('<article data-kinds="%s">\n<h3>The same for %s customers</h3>\n', kinds, number)
    place = filled('<p class="place"><span>%s</span></p>\n', times[0]) if alike and times[0] else ""
    rows = [_row(group.change, shared_remarks(group), view) for group in together]
    summary = filled('<details class="members"><summary>all %s customers</summary>\n<ul>\n', number)
    members = [
        _member(customer, "" if alike else time) for customer, time in zip(customers, times, strict=True)
    ]
    html = (
        f"{head}{place}<dl>\n{''.join(rows)}</dl>\n{summary}{''.join(members)}</ul>\n</details>\n</article>\n"
    )
    return Card(customers, kinds, html)


def _member(customer: Customer, when: str) -> str:
    """A line of a card that many share."""
    who = filled("<li>%s <bdi>%s</bdi> ", str(customer.customer_id), brief(customer.name, _NAME))
    return f"{who}{_about(customer, when)}</li>\n"


def _about(customer: Customer, when: str) -> str:
    """Where a customer's file is, since when it is as it is, and what else of it is shown elsewhere."""
    said = filled("<code>%s</code>", printable(customer.place))
    if when:
        said += filled(" <span>%s</span>", when)
    if customer.elsewhere:
        said += filled(" <span>and %s</span>", customer.elsewhere)
    return said


def _since(customer: Customer, view: View) -> str:
    """Since when an audit's customer is as it is."""
    return since(customer.since).said(printable) if view.sides.labelled else ""


def _kinds(changes: Iterable[Shown]) -> str:
    """The kinds of these changes; a rename or a clear that undoes drift answers to both."""
    return " ".join(
        sorted(
            {kind_class(kind) for it in changes for kind in (it.kind, *([Kind.DRIFT] if it.drift else []))}
        )
    )


def _row(change: Shown, remarks: Iterable[Remark], view: View) -> str:
    """One change: its sides, base the third of a conflict, and the values in full where the sides are not."""
    sides, audit = sides_of(change), view.sides.labelled
    base = () if audit or change.kind is not Kind.CONFLICT else base_lines(change)
    names: tuple[str, ...] = (view.sides.before, view.sides.after)
    shown, texts = [sides.before, sides.after], [change.before, change.after]
    if base:
        names, shown = ("base", "RPM", "YAML"), [base, *shown]
        texts = [change.base if isinstance(change.base, str) else base[0], *texts]
    told = () if audit else change_remarks(change, view.sides.base, base=False)
    notes = [part for part in (sides.note, *(it.said(printable) for it in (*told, *remarks))) if part]
    parts = [
        filled(
            '<dt class="%s"><b aria-hidden="true">%s</b> %s</dt>\n<dd>\n',
            kind_class(change.kind),
            SYMBOLS[change.kind],
            printable(change.attribute),
        ),
        _sides(names, ["\n".join(lines) for lines in shown], named=audit or bool(base)),
        *(filled("<em>%s</em>\n", note) for note in notes),
    ]
    short = max(map(len, texts)) <= LONG and sides.one_line and not sides.note
    if not (short or change.masked):
        whole = _sides(names, [full(text) for text in texts], named=audit or bool(base))
        parts.append(f"<details><summary>whole values</summary>\n{whole}</details>\n")
    return f"{''.join(parts)}</dd>\n"


def _sides(names: Sequence[str], texts: Sequence[str], *, named: bool) -> str:
    """Two sides of a plan as what goes and what comes; where base is a third, and in an audit, all have their names."""
    if named:
        three = " three" if len(names) == len(("base", "RPM", "YAML")) else ""
        pairs = [
            filled("<div><small>%s</small> <samp>%s</samp></div>\n", *it)
            for it in zip(names, texts, strict=True)
        ]
        return f'<div class="named{three}">\n{"".join(pairs)}</div>\n\n'
    before, after = texts
    tall = " tall" if "\n" in before or "\n" in after else ""
    return filled(
        f'<div class="sides{tall}"><del>%s</del> <span role="img" aria-label="becomes">→</span> <ins>%s</ins></div>\n\n',
        before,
        after,
    )
