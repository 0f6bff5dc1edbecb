"""A plan or a report -> one HTML page that needs nothing else: to look at, filter and search. Pure.

Everything variable passes `visible` here and the template's escaping there. The page may load nothing and run nothing
but its own script and style, which its content policy names by hash, so a hole in the escaping would still run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reconciler.report import notices, wording
from reconciler.report.block import order_sentences, reason, sides_of
from reconciler.report.contrast import LONG, brief
from reconciler.report.runner import disarmed
from reconciler.report.sheet import Rank, customers
from reconciler.showing import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from reconciler.outcome import Report
    from reconciler.report.contrast import Contrast
    from reconciler.report.notices import Item, Notice
    from reconciler.report.sheet import Customer, PlanSheet, Shown

KINDS: Final = {
    Rank.CONFLICT: "conflict",
    Rank.RENAME: "rename",
    Rank.CLEAR: "cleared",
    Rank.DRIFT: "drift",
    Rank.CHANGE: "change",
}
_MOST: Final = 10_000


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
    kinds = Counter(row.kind for card in cards for row in card.rows)
    found = notices.of_plan(sheet)
    return _page(
        title="Plan",
        headline=wording.headline(sheet),
        sentences=[wording.fewest(sheet.plan), wording.next_after_plan(sheet), *wording.counts(sheet.plan)],
        cards=cards,
        kinds=[(kind, kinds[kind]) for kind in KINDS.values() if kinds[kind]],
        urgent=_safe(found, urgent=True),
        others=_safe(found, urgent=False),
        footer=[
            f"Digest {visible(sheet.digest)}" if sheet.plan.edits else "",
            f"Made {visible(sheet.created)} by reconciler {visible(sheet.tool_version)} for {visible(sheet.plan.target.url)}",
        ],
    )


def apply_html(report: Report) -> str:
    """What became of each customer, as a page."""
    found = notices.of_report(report)
    return _page(
        title="Apply",
        headline=wording.headline_after_apply(report),
        sentences=[wording.next_after_apply(report)],
        cards=[],
        kinds=[],
        urgent=_safe(found, urgent=True),
        others=_safe(found, urgent=False),
        footer=[],
    )


def _card(customer: Customer) -> Card:
    """One customer."""
    rows = tuple(_row(change, customer) for change in customer.changes)
    kinds = " ".join(sorted({row.kind for row in rows}))
    return Card(customer.customer_id, brief(customer.name, 200), visible(customer.place), kinds, rows)


def _row(change: Shown, customer: Customer) -> Row:
    """One change of a customer."""
    sides = sides_of(change)
    order = order_sentences(customer) if change.attribute == "Name" else []
    return Row(
        KINDS[change.rank],
        wording.symbol(change),
        visible(change.attribute),
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
    return _full(change.before), _full(change.after)


def _full(text: str) -> str:
    """A value with its line breaks, cut only where it would make the page useless."""
    more = len(text) - _MOST
    shown = visible(text[:_MOST].replace("\r\n", "\n"), keep="\n")
    return f"{shown}… and {more:,} more characters" if more > 0 else shown


def _safe(found: Sequence[Notice], *, urgent: bool) -> list[tuple[str, list[Item]]]:
    """The notices that are urgent, or those that are not, with visible texts."""
    return [
        (
            notice.heading,
            [notices.Item(visible(it.place), visible(it.text), visible(it.advice)) for it in notice.items],
        )
        for notice in found
        if notice.urgent is urgent
    ]


def _page(**parts: Any) -> str:
    """The filled template."""
    style, script = _asset("page.css"), _asset("page.js")
    page = _template().render(
        **parts,
        style=Markup(style),  # noqa: S704 - our own files, without a variable part
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return disarmed(page, colon="&#58;", hash_sign="&#35;")


@cache
def _template() -> Template:
    """The page's template; a name that it misses is an error, not an empty place."""
    place = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return place.from_string(_asset("page.html.j2"))


def _asset(name: str) -> str:
    """A file that is part of this package."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """A content policy's name for an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
