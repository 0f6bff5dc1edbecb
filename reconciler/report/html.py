"""A view -> one HTML page to look at, filter and search. Pure.

Everything variable is made printable here and in `html_cards`, and escaped by the template and there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from reconciler.core.text import printable
from reconciler.report.html_cards import cards_of, kind_class
from reconciler.report.html_page import page, safe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.report.history_chart import Charts
    from reconciler.report.html_cards import Card
    from reconciler.report.view import View


@dataclass(frozen=True, slots=True)
class Cards:
    """A part of the page under its title, with the number of its customers."""

    title: str
    number: int
    cards: tuple[Card, ...]

    @property
    def html(self) -> Markup:
        """The cards, one after the other."""
        return Markup("".join(card.html for card in self.cards))  # noqa: S704 - each text of a card was escaped


def html(view: View, charts: Charts | None = None) -> str:
    """The view as a page, with the drawings of its history if there are any."""
    parts = [Cards(it.title, len(it.customers), tuple(cards_of(it, view))) for it in view.parts]
    holders = _holders(card for part in parts for card in part.cards)
    kinds = [(kind_class(kind), words.label) for kind, words in view.kinds.items()]
    return page(
        view,
        parts=parts,
        number=len(set().union(*holders.values())),
        kinds=[(name, label, len(holders[name])) for name, label in kinds if name in holders],
        opening=tuple(sentence.said(printable) for sentence in view.sentences),
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
            found.setdefault(kind, set()).update(customer.customer_id for customer in card.customers)
    return found
