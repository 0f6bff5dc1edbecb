"""A view -> Markdown for a pull request or an issue, of bounded length, in which no text of RPM, YAML or git is live. Pure.

The first line can be read alone. Then what needs a person, then equal changes in one row with their customers, gravest first
and each kind folded away under its total, then the rest, and last the digest to approve and what to do. It has no time of
its own making, so an issue that is overwritten every night does not change for that alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted
from reconciler.report.grouping import groups
from reconciler.report.markdown_escape import code, code_lines
from reconciler.report.remarks import base_lines, change_remarks, shared_remarks, shared_since
from reconciler.report.summaries import listed
from reconciler.report.truncate import Section, fitted
from reconciler.report.value_diff import sides_of
from reconciler.report.view import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.report.view import Group, Item, Notice, Part, Remark, Shown, Sides, View

BUDGET: Final = 60_000
"""Characters; a comment may have 65,536 on the best-known host, and whoever posts it may add a few."""

_OPEN: Final = frozenset({Kind.CONFLICT, Kind.RENAME, Kind.CLEAR})
_NAMED: Final = 10
_MOST: Final = 300


def markdown(view: View, *, budget: int = BUDGET) -> str:
    """The view in at most `budget` characters, however long it is; ValueError below some 5,000."""
    parts = [
        *(_notice(notice) for notice in view.notices if notice.urgent),
        *(table for part in view.parts for table in _tables(part, view)),
        *(_notice(notice) for notice in view.notices if not notice.urgent),
    ]
    counts = "\n".join(f"- {count}" for count in view.counts)
    closing = view.closing.said(lambda text: code(text, _MOST)) if view.closing else ""
    digest = f"Digest {view.digest}<br>\n" if view.digest else ""
    answers = "<br>\n".join(answer.said for answer in view.next)
    end = _paragraphs(
        "",
        counts,
        closing,
        f"{digest}Next: {answers}" if answers else digest.removesuffix("<br>\n"),
        view.ending,
    )
    opening = (sentence.said(lambda text: code(text, _MOST)) for sentence in view.sentences)
    return fitted(_paragraphs(f"**{view.headline}**", *opening), parts, end, budget)


def _paragraphs(*texts: str) -> str:
    """The texts that say something, an empty line between; an empty first one asks for a line before."""
    said = "\n\n".join(text for text in texts if text)
    before = "\n" if texts[0] == "" and said else ""
    return f"{before}{said}\n" if said else ""


def _tables(part: Part, view: View) -> list[Section]:
    """A section for each kind that has changes, the part's title over the first; an audit's first part is not folded away."""
    by_kind: dict[Kind, list[Group]] = defaultdict(list)
    for group in groups(part.customers):
        by_kind[group.change.kind].append(group)
    leads = bool(part.title) and part is view.parts[0]
    tables = [_table(view, kind, by_kind[kind], opened=leads or kind in _OPEN) for kind in sorted(by_kind)]
    if part.title:
        title = f"\n**{part.title}** ({counted(len(part.customers), 'customer')})\n"
        tables[0] = replace(tables[0], head=title + tables[0].head)
    return tables


def _table(view: View, kind: Kind, found: list[Group], *, opened: bool) -> Section:
    """One kind's groups as the rows of a table, under a title that has both totals and folds them."""
    touched = {customer.customer_id for group in found for customer in group.customers}
    attributes = sum(len(group.customers) for group in found)
    total = f"{counted(attributes, 'attribute')}, {counted(len(touched), 'customer')}"
    based = not view.sides.labelled and any(base_lines(group.change) for group in found)
    names = [
        "attribute",
        *([code(view.sides.base)] if based else []),
        view.sides.before,
        view.sides.after,
        "customers",
    ]
    columns = f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    head = f"\n<details{' open' * opened}><summary>{view.kinds[kind].title.said(code)} ({total})</summary>\n\n{columns}"
    rows = (_row(group, view.sides, based=based) for group in found)
    return Section(head, rows, len(found), "\n</details>\n")


def _row(group: Group, called: Sides, *, based: bool) -> str:
    """One change and the customers that get it; the title above says its kind."""
    change, sides, audit = group.change, sides_of(group.change), called.labelled
    notes = [*([sides.note] if sides.note else []), *([] if audit else _said(_untitled(change, called)))]
    remarks = [*([shared_since(group)] if audit else []), *shared_remarks(group)]
    cells = [
        code(change.attribute),
        *([code_lines(base_lines(change))] if based else []),
        code_lines(sides.before),
        "<br>".join([code_lines(sides.after), *notes]),
        "<br>".join([_who(group), *_said(remarks)]),
    ]
    return f"| {' | '.join(cells)} |"


def _untitled(change: Shown, called: Sides) -> Iterable[Remark]:
    """The remarks that the title above does not make: that base cannot be read, or that a rename or a clear undoes drift."""
    if change.kind is Kind.DRIFT or not (change.drift or change.unsaid):
        return ()
    return change_remarks(change, called.base, base=False)


def _said(remarks: Iterable[Remark]) -> list[str]:
    """Remarks, their texts inert."""
    return [remark.said(code) for remark in remarks]


def _who(group: Group) -> str:
    """The only customer of a row with its file, or how many there are and the first ids."""
    if len(group.customers) == 1:
        customer = group.customers[0]
        also = f"<br>and {customer.elsewhere}" if customer.elsewhere else ""
        in_the_row = group.change.attribute == "Name"
        name = "" if in_the_row else f" {code(customer.name)}"
        return f"{customer.customer_id}{name}<br>{code(customer.place)}{also}"
    ids = [str(customer.customer_id) for customer in group.customers]
    return f"{counted(len(ids), 'customer')}: {listed(ids, _NAMED)}"


def _notice(notice: Notice) -> Section:
    """A notice as a list, folded away unless somebody must see to it."""
    opened = " open" if notice.urgent else ""
    head = f"\n<details{opened}><summary>{notice.heading(code)}</summary>\n\n"
    rows = (row for item in notice.items for row in _item(item))
    return Section(head, rows, sum(map(_lines_of, notice.items)), "\n</details>\n")


def _item(item: Item, margin: str = "") -> Iterator[str]:
    """One entry of a notice, a line of its own for each customer that it is about."""
    places = [item.text, item.place] if item.customer else [item.place, item.text]
    parts = (code_lines(part.split("\n"), _MOST) for part in (*places, item.advice) if part)
    yield f"{margin}- {' · '.join(parts)}"
    for one in item.below:
        yield from _item(one, f"{margin}  ")


def _lines_of(item: Item) -> int:
    """How many lines an entry of a notice has."""
    return 1 + sum(map(_lines_of, item.below))
