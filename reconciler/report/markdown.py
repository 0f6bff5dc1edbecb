"""A plan or a report -> Markdown for a pull request, of bounded length, in which no text of RPM or YAML is live. Pure.

The first line can be read alone. Then what needs a person, then equal changes in one row with their customers, gravest
first and each kind folded away under its total, then the rest, and last the digest to approve.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.core.values import UNSET
from reconciler.report import sections, summaries
from reconciler.report.block import order_sentences, sides_of
from reconciler.report.markdown_escape import code, code_lines
from reconciler.report.truncate import Section, fitted
from reconciler.report.value_diff import quoted
from reconciler.report.view import Rank, customers, groups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.apply.result import ApplyReport
    from reconciler.report.sections import Item, Notice
    from reconciler.report.view import Customer, Group, PlanSheet, Shown

BUDGET: Final = 60_000
"""Characters; a comment may have 65,536 on the best-known host, and whoever posts it may add a few."""

TITLES: Final = {
    Rank.CONFLICT: "Conflicts: RPM and YAML both moved",
    Rank.RENAME: "Renames, in working order",
    Rank.CLEAR: "Cleared",
    Rank.DRIFT: "Drift: RPM was changed, applying puts it back",
    Rank.CHANGE: "Changes",
}
_OPEN: Final = frozenset({Rank.CONFLICT, Rank.RENAME, Rank.CLEAR})
_NAMED: Final = 10
_TABLE: Final = "| attribute | before | after | customers |\n|---|---|---|---|\n"


def plan_markdown(sheet: PlanSheet, *, budget: int = BUDGET) -> str:
    """The plan in at most `budget` characters, however long it is; ValueError below some 5,000."""
    opening = _paragraphs(f"**{summaries.headline(sheet)}**", summaries.fewest(sheet.plan))
    found = sections.of_plan(sheet)
    parts = [
        *(_notice(notice) for notice in found if notice.urgent),
        *_changes(sheet),
        *(_notice(notice) for notice in found if not notice.urgent),
    ]
    counts = "\n".join(f"- {count}" for count in summaries.counts(sheet.plan))
    approve = f"`apply --expect {sheet.digest}`" if sheet.plan.edits else ""
    closing = _paragraphs("", counts, summaries.next_after_plan(sheet), approve)
    return fitted(opening, parts, closing, budget)


def apply_markdown(report: ApplyReport, *, budget: int = BUDGET) -> str:
    """What became of each customer, in at most `budget` characters; what went wrong is kept longest."""
    opening = _paragraphs(f"**{summaries.headline_after_apply(report)}**")
    ordered = sorted(sections.of_report(report), key=lambda notice: not notice.urgent)
    closing = _paragraphs("", summaries.next_after_apply(report))
    return fitted(opening, [_notice(notice) for notice in ordered], closing, budget)


def _paragraphs(*texts: str) -> str:
    """The texts that say something, an empty line between; an empty first one asks for a line before."""
    said = "\n\n".join(text for text in texts if text)
    before = "\n" if texts[0] == "" and said else ""
    return f"{before}{said}\n" if said else ""


def _changes(sheet: PlanSheet) -> list[Section]:
    """A section for each rank that has changes, with both totals in its title."""
    plan = sheet.plan
    every = customers(plan)
    position = {edit.customer_id: number for number, edit in enumerate(plan.edits)}
    by_rank: dict[Rank, list[Group]] = defaultdict(list)
    for group in groups(sorted(every, key=lambda customer: position[customer.customer_id])):
        by_rank[group.change.rank].append(group)
    return [_table(rank, by_rank[rank]) for rank in sorted(by_rank)]


def _table(rank: Rank, found: list[Group]) -> Section:
    """One rank's groups as the rows of a table under a title that folds them."""
    touched = {customer.customer_id for group in found for customer in group.customers}
    changes = sum(len(group.customers) for group in found)
    total = f"{counted(changes, 'change')}, {counted(len(touched), 'customer')}"
    opened = " open" if rank in _OPEN else ""
    head = f"\n<details{opened}><summary>{TITLES[rank]} ({total})</summary>\n\n{_TABLE}"
    return Section(head, tuple(map(_row, found)), "\n</details>\n")


def _row(group: Group) -> str:
    """One change and the customers that get it; the title above says its kind."""
    change, sides = group.change, sides_of(group.change)
    remarks = [part for part in (sides.note, _reason(change)) if part]
    cells = [
        code(change.attribute),
        code_lines(sides.before),
        "<br>".join([code_lines(sides.after), *remarks]),
        _who(group),
    ]
    return f"| {' | '.join(cells)} |"


def _reason(change: Shown) -> str:
    """Who moved, where the title does not say it: the base value of a conflict, or that a rename or a clear undoes drift."""
    if change.rank is Rank.CONFLICT:
        return "" if change.base is UNSET else f"base {code(quoted(change.base))}"
    return "" if change.rank is Rank.DRIFT else summaries.why(change)


def _who(group: Group) -> str:
    """The customers of a row: the only one with its file, or their number and the first ids."""
    if len(group.customers) == 1:
        return _customer(group.customers[0], group)
    ids = [str(customer.customer_id) for customer in group.customers]
    return f"{counted(len(ids), 'customer')}: {sections.listed(ids, _NAMED)}"


def _customer(customer: Customer, group: Group) -> str:
    """Id, name, file, and for a rename why it runs when it does."""
    lines = [f"{customer.customer_id} {code(customer.name)}", code(customer.place)]
    if group.change.attribute == "Name":
        lines += _order(customer)
    return "<br>".join(lines)


def _order(customer: Customer) -> list[str]:
    """Why a rename runs when it does; a name in it is code, ids need not be."""
    if customer.via:
        return [f"via {code(customer.via, 80)}, because the names form a cycle"]
    return order_sentences(customer)


def _notice(notice: Notice) -> Section:
    """A notice as a list, folded away unless somebody must see to it."""
    opened = " open" if notice.urgent else ""
    head = f"\n<details{opened}><summary>{notice.heading}</summary>\n\n"
    return Section(head, tuple(map(_item, notice.items)), "\n</details>\n")


def _item(item: Item) -> str:
    """One line of a notice."""
    parts: Iterable[str] = (code(part, 300) for part in (item.place, item.text, item.advice) if part)
    return f"- {' · '.join(parts)}"
