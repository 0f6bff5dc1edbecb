"""An audit and the lines of its record -> one HTML page with the history drawn into it. Pure.

As with a plan's page, everything variable passes `visible` here and the template's escaping in `page`. What `drift_history`
and `drift_chart` made of the record is drawn as inline SVG, which loads nothing either.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted, printable
from reconciler.drift.history import history
from reconciler.report import drift_wording
from reconciler.report.drift_sheet import Turn, drifted
from reconciler.report.history_chart import MOST_AUDITS, WIDTH, bars, course
from reconciler.report.html_page import full, page, safe
from reconciler.report.value_diff import LONG, brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.drift.history import History
    from reconciler.drift.model import Drift
    from reconciler.report.drift_sheet import Drifted, DriftSheet, Finding

KINDS: Final = {
    Turn.RENAMED: "renamed",
    Turn.EMPTIED: "emptied",
    Turn.FILLED: "filled",
    Turn.CHANGED: "changed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute on the page; `whole` are both values in full where `git` and `rpm` are not."""

    kind: str
    symbol: str
    attribute: str
    git: str
    rpm: str
    remarks: tuple[str, ...]
    whole: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Card:
    """One customer on the page, with the kinds of its drift for the filter."""

    customer_id: int
    name: str
    place: str
    since: str
    kinds: str
    rows: tuple[Row, ...]


def drift_html(sheet: DriftSheet, record_lines: Sequence[str]) -> str:
    """The audit as a page; `record_lines` are what `--record` has written, or nothing."""
    drift = sheet.drift
    every = drifted(drift)
    cards = [_card(customer, without_git=bool(drift.without_git)) for customer in every]
    kinds = Counter(kind for card in cards for kind in card.kinds.split())
    found = drift_wording.notices_of(sheet)
    told = history(record_lines, drift.plan.target)
    return page(
        "drift.html.j2",
        styles=["page.css", "drift.css"],
        title="Drift",
        headline=drift_wording.headline(sheet),
        next=drift_wording.next_after_drift(sheet),
        sentences=[*drift_wording.counts(sheet), printable(drift_wording.without_git(sheet))],
        cards=cards,
        cards_heading="Customers adrift",
        kinds=[(kind, kinds[kind]) for kind in KINDS.values() if kinds[kind]],
        side_names=(drift_wording.GIT, drift_wording.RPM),
        urgent=safe(found, urgent=True),
        others=safe(found, urgent=False),
        course=course(told.audits),
        bars=bars(told.audits, _names(drift, every)),
        width=WIDTH,
        history_notes=_notes(told),
        footer=[
            f"Made {printable(sheet.created)} by reconciler {printable(sheet.tool_version)} for {printable(drift.plan.target.url)}"
        ],
    )


def _card(customer: Drifted, *, without_git: bool) -> Card:
    """One customer."""
    rows = tuple(_row(finding, without_git=without_git) for finding in customer.findings)
    return Card(
        customer.customer_id,
        brief(customer.name, 200),
        printable(customer.place),
        printable(drift_wording.since(customer.since)),
        " ".join(sorted({row.kind for row in rows})),
        rows,
    )


def _row(finding: Finding, *, without_git: bool) -> Row:
    """One drifted attribute with what git knows of it."""
    difference, sides = finding.difference, finding.difference.sides
    origin = drift_wording.origin_sentences(finding.origin, without_git=without_git)
    whole = difference.masked or (
        max(len(difference.git), len(difference.rpm)) <= LONG and sides.one_line and not sides.note
    )
    return Row(
        KINDS[difference.turn],
        drift_wording.SYMBOLS[difference.turn],
        printable(difference.attribute),
        "\n".join(sides.before),
        "\n".join(sides.after),
        tuple(printable(part) for part in (sides.note, *origin) if part),
        None if whole else (full(difference.git), full(difference.rpm)),
    )


def _names(drift: Drift, every: Sequence[Drifted]) -> dict[str, str]:
    """What to call the customers of the record, which holds ids alone; short, for a bar's words."""
    missing = {str(it.customer_id): brief(it.name, 20) for it in drift.plan.missing}
    return missing | {str(it.customer_id): brief(it.name, 20) for it in every}


def _notes(told: History) -> list[str]:
    """What a reader must know of the drawings: what they lack, and why."""
    notes = []
    if not told.audits:
        notes.append(
            "No history to draw: `reconciler drift --record FILE --format html` keeps one, a line an audit."
        )
    if len(told.audits) > MOST_AUDITS:
        notes.append(f"The newest {MOST_AUDITS:,} of {len(told.audits):,} audits are drawn.")
    if told.damaged:
        notes.append(f"{counted(told.damaged, 'line')} of the record skipped: damaged, or of a later format.")
    if told.elsewhere:
        notes.append(f"{counted(told.elsewhere, 'line')} of the record skipped: about another subscription.")
    return notes
