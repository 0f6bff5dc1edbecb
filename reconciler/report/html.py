"""A view -> one HTML page to look at, filter and search. Pure.

Everything variable is made printable here and escaped by the template.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.text import printable
from reconciler.report.html_page import full, page, safe
from reconciler.report.summaries import SYMBOLS, change_remarks, since
from reconciler.report.value_diff import LONG, brief, sides_of
from reconciler.report.view import Kind

if TYPE_CHECKING:
    from reconciler.report.history_chart import Charts
    from reconciler.report.value_diff import Contrast
    from reconciler.report.view import Customer, Shown, View

_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One change on the page; `whole` are both values in full where `before` and `after` are not."""

    kind: str
    symbol: str
    attribute: str
    before: str
    after: str
    remarks: tuple[str, ...]
    whole: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Card:
    """One customer on the page, with the kinds of its changes for the filter."""

    customer_id: int
    name: str
    place: str
    since: str
    elsewhere: str
    kinds: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """A part of the page under its title."""

    title: str
    cards: tuple[Card, ...]


def html(view: View, charts: Charts | None = None) -> str:
    """The view as a page, with the drawings of its history if there are any."""
    parts = [
        Cards(part.title, tuple(_card(customer, view) for customer in part.customers)) for part in view.parts
    ]
    cards = [card for part in parts for card in part.cards]
    number = Counter(kind for card in cards for kind in card.kinds.split())
    kinds = [(_slug(kind), words.label) for kind, words in view.kinds.items()]
    return page(
        view,
        parts=parts,
        number=len(cards),
        kinds=[(slug, label, number[slug]) for slug, label in kinds if number[slug]],
        opening=tuple(sentence.said(printable) for sentence in view.opening),
        closing=view.closing.said(printable) if view.closing else "",
        urgent=safe(view.notices, urgent=True),
        others=safe(view.notices, urgent=False),
        made=printable(view.made),
        charts=charts,
    )


def _card(customer: Customer, view: View) -> Card:
    """One customer. A rename or a clear that undoes drift answers to both kinds."""
    rows = tuple(_row(change, customer, view) for change in customer.changes)
    drift = {_slug(Kind.DRIFT) for change in customer.changes if change.drift}
    return Card(
        customer.customer_id,
        brief(customer.name, _NAME),
        printable(customer.place),
        since(customer.since).said(printable) if view.sides.labelled else "",
        customer.elsewhere,
        " ".join(sorted({row.kind for row in rows} | drift)),
        rows,
    )


def _row(change: Shown, customer: Customer, view: View) -> Row:
    """One change of a customer."""
    sides = sides_of(change)
    told = () if view.sides.labelled else change_remarks(change)
    remarks = (it.said(printable) for it in (*told, *customer.remarks.get(change.attribute, ())))
    return Row(
        _slug(change.kind),
        SYMBOLS[change.kind],
        printable(change.attribute),
        "\n".join(sides.before),
        "\n".join(sides.after),
        tuple(part for part in (sides.note, *remarks) if part),
        _whole(change, sides),
    )


def _whole(change: Shown, sides: Contrast) -> tuple[str, str] | None:
    """Both values in full, unless they were short enough to be shown so."""
    short = max(len(change.before), len(change.after)) <= LONG and sides.one_line and not sides.note
    return None if change.masked or short else (full(change.before), full(change.after))


def _slug(kind: Kind) -> str:
    """A kind's name in the page's own style and script."""
    return kind.name.lower()
