"""A view -> one HTML page to look at, filter and search. Pure.

Everything variable is made printable here and escaped by the template.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from reconciler.core.text import printable
from reconciler.report.grouping import shared_and_own
from reconciler.report.html_page import full, page, safe
from reconciler.report.remarks import base_lines, change_remarks, shared_remarks, since
from reconciler.report.summaries import SYMBOLS
from reconciler.report.value_diff import LONG, brief, sides_of
from reconciler.report.view import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reconciler.report.history_chart import Charts
    from reconciler.report.view import Customer, Group, Part, Remark, Shown, View

_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One change on the page: its sides with their names, and the values in full where the sides are not.

    Two sides of a plan are shown as what goes and what comes; where base is a third, all have their names.
    """

    kind: str
    symbol: str
    attribute: str
    sides: tuple[tuple[str, str], ...]
    named: bool
    remarks: tuple[str, ...]
    whole: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A customer on the page: the head of a card of its own, or a line of a card that many share.

    `since` is empty where it is said of all of a card; so is `elsewhere` where there is nothing else.
    """

    customer_id: int
    name: str
    place: str
    since: str
    elsewhere: str


@dataclass(frozen=True, slots=True)
class Card:
    """Changes with the customers that they are the same for, one of them in most; `kinds` are for the filter.

    `since` holds for all members of a shared card.
    """

    members: tuple[Member, ...]
    kinds: str
    rows: tuple[Row, ...]
    shared: bool = False
    since: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """A part of the page under its title, with the number of its customers."""

    title: str
    number: int
    cards: tuple[Card, ...]


def html(view: View, charts: Charts | None = None) -> str:
    """The view as a page, with the drawings of its history if there are any."""
    parts = [_cards(part, view) for part in view.parts]
    holders = _holders(card for part in parts for card in part.cards)
    kinds = [(_slug(kind), words.label) for kind, words in view.kinds.items()]
    return page(
        view,
        parts=parts,
        number=len(set().union(*holders.values())),
        kinds=[(slug, label, len(holders[slug])) for slug, label in kinds if slug in holders],
        opening=tuple(sentence.said(printable) for sentence in view.opening),
        closing=view.closing.said(printable) if view.closing else "",
        urgent=safe(view.notices, urgent=True),
        others=safe(view.notices, urgent=False),
        made=printable(view.made),
        charts=charts,
    )


def _holders(cards: Iterable[Card]) -> dict[str, set[int]]:
    """The customers that each kind of change is of."""
    found: dict[str, set[int]] = {}
    for card in cards:
        for kind in card.kinds.split():
            found.setdefault(kind, set()).update(member.customer_id for member in card.members)
    return found


def _cards(part: Part, view: View) -> Cards:
    """What many customers share first, a card for all that the same customers share; then each customer that has more."""
    common, others = shared_and_own(part.customers)
    shared = (_shared_card(together, view) for together in common)
    return Cards(part.title, len(part.customers), (*shared, *(_card(customer, view) for customer in others)))


def _shared_card(together: Sequence[Group], view: View) -> Card:
    """The changes that the same customers share, and everybody of them."""
    rows = tuple(_row(group.change, shared_remarks(group), view) for group in together)
    customers = together[0].customers
    kinds = _kinds(group.change for group in together)
    members = tuple(_member(customer, view) for customer in customers)
    if len({it.since for it in members}) > 1:
        return Card(members, kinds, rows, shared=True)
    alike = tuple(replace(it, since="") for it in members)
    return Card(alike, kinds, rows, shared=True, since=members[0].since)


def _card(customer: Customer, view: View) -> Card:
    """One customer."""
    rows = tuple(
        _row(change, customer.remarks.get(change.attribute, ()), view) for change in customer.changes
    )
    return Card((_member(customer, view),), _kinds(customer.changes), rows)


def _member(customer: Customer, view: View) -> Member:
    """A customer, safe to look at."""
    when = since(customer.since).said(printable) if view.sides.labelled else ""
    name, place = brief(customer.name, _NAME), printable(customer.place)
    return Member(customer.customer_id, name, place, when, customer.elsewhere)


def _kinds(changes: Iterable[Shown]) -> str:
    """The kinds of these changes; a rename or a clear that undoes drift answers to both."""
    return " ".join(
        sorted({_slug(kind) for it in changes for kind in (it.kind, *([Kind.DRIFT] if it.drift else []))})
    )


def _row(change: Shown, remarks: Iterable[Remark], view: View) -> Row:
    """One change; a conflict with base as its third side."""
    sides, audit = sides_of(change), view.sides.labelled
    base = () if audit or change.kind is not Kind.CONFLICT else base_lines(change)
    names: tuple[str, ...] = (view.sides.before, view.sides.after)
    shown, texts = [sides.before, sides.after], [change.before, change.after]
    if base:
        names, shown = ("base", "RPM", "YAML"), [base, *shown]
        texts = [change.base if isinstance(change.base, str) else base[0], *texts]
    told = () if audit else change_remarks(change, view.sides.base, base=False)
    short = max(map(len, texts)) <= LONG and sides.one_line and not sides.note
    return Row(
        _slug(change.kind),
        SYMBOLS[change.kind],
        printable(change.attribute),
        tuple(zip(names, map("\n".join, shown), strict=True)),
        audit or bool(base),
        tuple(part for part in (sides.note, *(it.said(printable) for it in (*told, *remarks))) if part),
        () if short or change.masked else tuple(zip(names, map(full, texts), strict=True)),
    )


def _slug(kind: Kind) -> str:
    """A kind's name in the page's own style and script."""
    return kind.name.lower()
