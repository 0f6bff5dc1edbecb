"""An audit -> Markdown for an issue that is kept up to date: of bounded length, and no text of RPM, YAML or git live. Pure.

The first line can be read alone. Then what needs a person, then equal drift in one row with everybody who has it, gravest
first and each kind folded under its total, then the rest, and last what to do. It holds no time of its
own making, so an issue that is overwritten every night does not change for that alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.report import drift_wording, sections
from reconciler.report.drift_sheet import Turn, alike, drifted
from reconciler.report.markdown import BUDGET, _notice, _paragraphs
from reconciler.report.markdown_escape import code, code_lines
from reconciler.report.truncate import Section, fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.report.drift_sheet import Alike, DriftSheet

_NAMED: Final = 10
_MOST_CELLS: Final = 300
_TABLE: Final = f"| attribute | {drift_wording.GIT} | {drift_wording.RPM} | customers |\n|---|---|---|---|\n"


def drift_markdown(sheet: DriftSheet, *, budget: int = BUDGET) -> str:
    """The audit in at most `budget` characters, however long it is; ValueError below some 5,000."""
    opening = _paragraphs(f"**{drift_wording.headline(sheet)}**")
    found = drift_wording.notices_of(sheet)
    parts = [
        *(_notice(notice) for notice in found if notice.urgent),
        *_tables(sheet),
        *(_notice(notice) for notice in found if not notice.urgent),
    ]
    return fitted(opening, parts, _closing(sheet), budget)


def _closing(sheet: DriftSheet) -> str:
    """Coverage, who cannot be named, and what to do."""
    counts = "\n".join(f"- {count}" for count in drift_wording.counts(sheet))
    unknown = drift_wording.without_git(sheet)
    named = code(unknown, _MOST_CELLS) if unknown else ""
    return _paragraphs("", counts, named, drift_wording.next_after_drift(sheet))


def _tables(sheet: DriftSheet) -> list[Section]:
    """A section for each turn that drift has taken."""
    by_turn: dict[Turn, list[Alike]] = defaultdict(list)
    for group in alike(drifted(sheet.drift)):
        by_turn[group.difference.turn].append(group)
    known = bool(sheet.drift.without_git)
    return [_table(turn, by_turn[turn], without_git=known) for turn in sorted(by_turn)]


def _table(turn: Turn, found: Sequence[Alike], *, without_git: bool) -> Section:
    """One turn's groups as the rows of a table, under a title with both totals."""
    touched = {customer.customer_id for group in found for customer, _ in group.holders}
    attributes = sum(len(group.holders) for group in found)
    total = f"{counted(attributes, 'attribute')}, {counted(len(touched), 'customer')}"
    opened = " open" if turn in {Turn.RENAMED, Turn.EMPTIED} else ""
    head = f"\n<details{opened}><summary>{drift_wording.TITLES[turn]} ({total})</summary>\n\n{_TABLE}"
    rows = tuple(_row(group, without_git=without_git) for group in found)
    return Section(head, rows, "\n</details>\n")


def _row(group: Alike, *, without_git: bool) -> str:
    """One difference with its two sides, and the customers that have it; the title above says its turn."""
    difference, sides = group.difference, group.difference.sides
    remarks = drift_wording.shared_sentences(group, without_git=without_git)
    cells = [
        code(difference.attribute),
        code_lines(sides.before),
        "<br>".join([code_lines(sides.after), *([sides.note] if sides.note else [])]),
        "<br>".join([_who(group), *map(code, remarks)]),
    ]
    return f"| {' | '.join(cells)} |"


def _who(group: Alike) -> str:
    """The only customer of a row with its file, or how many there are and the first ids."""
    if len(group.holders) == 1:
        customer = group.holders[0][0]
        return f"{customer.customer_id} {code(customer.name)}<br>{code(customer.place)}"
    ids = [str(customer.customer_id) for customer, _ in group.holders]
    return f"{counted(len(ids), 'customer')}: {sections.listed(ids, _NAMED)}"
