"""A plan or a report -> text for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment.

Made to be read from the top and left early: totals, then customers gravest first, then what needs a person,
then what to do next. Without colour nothing is lost, and no control character of RPM or YAML gets through.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.report import sections, summaries
from reconciler.report.block import customer_lines, group_lines
from reconciler.report.ci_escape import disarmed
from reconciler.report.value_diff import brief
from reconciler.report.view import customers, groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconciler.apply.result import ApplyReport
    from reconciler.report.sections import Notice
    from reconciler.report.view import PlanSheet

FOLDED_FROM: Final = 4
_MOST_CELLS: Final = 4_000


def plan_text(sheet: PlanSheet, *, width: int, color: bool) -> str:
    """The plan; the first line says whether to read on. Ends with a line break."""
    return _printed(_plan_lines(sheet, width), width=width, color=color)


def apply_text(report: ApplyReport, *, width: int, color: bool) -> str:
    """What became of each customer; what went wrong stands last, next to what to do. Ends with a line break."""
    lines = [
        *_headline(summaries.headline_after_apply(report), width),
        *_notice_lines(sections.of_report(report)),
        *_closing([summaries.next_after_apply(report)]),
    ]
    return _printed(lines, width=width, color=color)


def _plan_lines(sheet: PlanSheet, width: int) -> Iterator[Text]:
    """The lines of a plan, in reading order."""
    plan = sheet.plan
    yield from _headline(summaries.headline(sheet), width)
    if fewest := summaries.fewest(plan):
        yield Text(fewest)
    yield from _edit_lines(sheet, width)
    yield from _notice_lines(sections.of_plan(sheet))
    yield from _closing(summaries.counts(plan))
    digest = f"Digest {sheet.digest}" if plan.edits else ""
    yield from _closing([digest, summaries.next_after_plan(sheet)])


def _edit_lines(sheet: PlanSheet, width: int) -> Iterator[Text]:
    """What many customers share, once; then each customer with what is left."""
    every = customers(sheet.plan)
    normalize_name = [group for group in groups(every) if len(group.customers) >= FOLDED_FROM]
    shared = {group.change for group in normalize_name}
    if normalize_name:
        yield from (Text(), Text("The same for many customers", "underline"))
    for group in normalize_name:
        yield from group_lines(group, width=width)
    for customer in every:
        own = [change for change in customer.changes if change not in shared]
        if own:
            yield Text()
            yield from customer_lines(customer, own, width=width)


def _notice_lines(found: Iterable[Notice]) -> Iterator[Text]:
    """Each notice under its title, an item a line, its advice below it."""
    for notice in found:
        yield Text()
        yield Text(notice.heading, "bold red" if notice.urgent else "underline")
        for item in notice.items:
            place = f"{brief(item.place, _MOST_CELLS)}: " if item.place else ""
            yield Text("  ").append(place, "dim").append(brief(item.text, _MOST_CELLS))
            if item.advice:
                yield Text(f"      {brief(item.advice, _MOST_CELLS)}", "italic")


def _closing(sentences: Iterable[str]) -> Iterator[Text]:
    """The sentences that say something, an empty line before the first."""
    spoken = [sentence for sentence in sentences if sentence]
    if spoken:
        yield Text()
    yield from (Text(sentence) for sentence in spoken)


def _headline(sentence: str, width: int) -> list[Text]:
    """The first line; what does not fit the width goes to a second, parted between two facts."""
    lines: list[str] = []
    for part in sentence.split(summaries.DOT):
        joined = f"{lines[-1]}{summaries.DOT}{part}" if lines else part
        if lines and cell_len(joined) > width:
            lines.append(part)
        else:
            lines[-1:] = [joined]
    return [Text(line, "bold") for line in lines]


def _printed(lines: Iterable[Text], *, width: int, color: bool) -> str:
    """The lines as one string. Rich is given an empty environment: what it may do is settled by the arguments."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=max(width, 1),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
    console.print(Text("\n").join(lines), soft_wrap=True)
    return disarmed(stream.getvalue())
