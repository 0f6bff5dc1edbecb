"""A plan or a report -> one HTML page to look at, filter and search. Pure.

Everything variable passes `visible` here and the template's escaping in `page`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.text import printable
from reconciler.plan.model import Class
from reconciler.report import sections, summaries
from reconciler.report.block import order_sentences, reason, sides_of
from reconciler.report.html_page import full, page, safe
from reconciler.report.value_diff import LONG, brief
from reconciler.report.view import Rank, customers

if TYPE_CHECKING:
    from reconciler.apply.result import ApplyReport
    from reconciler.report.value_diff import Contrast
    from reconciler.report.view import Customer, PlanSheet, Shown

KINDS: Final = {
    Rank.CONFLICT: "conflict",
    Rank.RENAME: "rename",
    Rank.CLEAR: "cleared",
    Rank.DRIFT: "drift",
    Rank.CHANGE: "change",
}


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
    kinds: str
    rows: tuple[Row, ...]


def plan_html(sheet: PlanSheet) -> str:
    """The plan as a page."""
    cards = [_card(customer) for customer in customers(sheet.plan)]
    kinds = Counter(kind for card in cards for kind in card.kinds.split())
    found = sections.of_plan(sheet)
    return page(
        "page.html.j2",
        styles=["page.css"],
        title="Plan",
        headline=summaries.headline(sheet),
        next=summaries.next_after_plan(sheet),
        sentences=[summaries.fewest(sheet.plan), *summaries.counts(sheet.plan)],
        cards=cards,
        cards_heading="Customers to edit",
        kinds=[(kind, kinds[kind]) for kind in KINDS.values() if kinds[kind]],
        urgent=safe(found, urgent=True),
        others=safe(found, urgent=False),
        footer=[
            f"Digest {printable(sheet.digest)}" if sheet.plan.edits else "",
            f"Made {printable(sheet.created)} by reconciler {printable(sheet.tool_version)} for {printable(sheet.plan.target.url)}",
        ],
    )


def apply_html(report: ApplyReport) -> str:
    """What became of each customer, as a page."""
    found = sections.of_report(report)
    return page(
        "page.html.j2",
        styles=["page.css"],
        title="Apply",
        headline=summaries.headline_after_apply(report),
        next=summaries.next_after_apply(report),
        sentences=[],
        cards=[],
        urgent=safe(found, urgent=True),
        others=safe(found, urgent=False),
        footer=[],
    )


def _card(customer: Customer) -> Card:
    """One customer. A rename or a clear that is drift too answers to both kinds."""
    rows = tuple(_row(change, customer) for change in customer.changes)
    drift = {KINDS[Rank.DRIFT] for change in customer.changes if change.kind is Class.DRIFT}
    kinds = " ".join(sorted({row.kind for row in rows} | drift))
    return Card(customer.customer_id, brief(customer.name, 200), printable(customer.place), kinds, rows)


def _row(change: Shown, customer: Customer) -> Row:
    """One change of a customer."""
    sides = sides_of(change)
    order = order_sentences(customer) if change.attribute == "Name" else []
    return Row(
        KINDS[change.rank],
        summaries.symbol(change),
        printable(change.attribute),
        "\n".join(sides.before),
        "\n".join(sides.after),
        tuple(part for part in (sides.note, reason(change), *order) if part),
        _whole(change, sides),
    )


def _whole(change: Shown, sides: Contrast) -> tuple[str, str] | None:
    """Both values in full, unless they were short enough to be shown so."""
    if change.masked or (
        max(len(change.before), len(change.after)) <= LONG and sides.one_line and not sides.note
    ):
        return None
    return full(change.before), full(change.after)
