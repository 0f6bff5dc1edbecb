"""An audit -> text for a terminal or a log. Pure: width and colour are told, nothing is asked of the environment.

Made to be left after its first line. Each value stands behind the side that it belongs to, so that nobody takes what git
says for what RPM has. Without colour nothing is lost, and no control character of RPM, YAML or git gets through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from reconciler.core.text import counted
from reconciler.report import drift_wording
from reconciler.report.drift_sheet import Turn, alike, drifted
from reconciler.report.sections import listed
from reconciler.report.text import FOLDED_FROM, _closing, _headline, _notice_lines, _printed
from reconciler.report.value_diff import brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reconciler.report.drift_sheet import Alike, Difference, Drifted, DriftSheet
    from reconciler.report.value_diff import Contrast

_STYLES: Final = {
    Turn.RENAMED: "magenta",
    Turn.EMPTIED: "red",
    Turn.FILLED: "green",
    Turn.CHANGED: "yellow",
}
_INDENT: Final = " " * 4
_MOST_CELLS: Final = 300


def drift_text(sheet: DriftSheet, *, width: int, color: bool) -> str:
    """The audit; the first line says whether to read on. Ends with a line break."""
    return _printed(_lines(sheet, width), width=width, color=color)


def _lines(sheet: DriftSheet, width: int) -> Iterator[Text]:
    """The lines of an audit, in reading order."""
    yield from _headline(drift_wording.headline(sheet), width)
    yield from _drift_lines(sheet, width)
    yield from _notice_lines(drift_wording.notices_of(sheet))
    unknown = brief(drift_wording.without_git(sheet), _MOST_CELLS)
    yield from _closing([*drift_wording.counts(sheet), unknown])
    yield from _closing([drift_wording.next_after_drift(sheet)])


def _drift_lines(sheet: DriftSheet, width: int) -> Iterator[Text]:
    """What many customers share, once; then each customer with what is left."""
    every = drifted(sheet.drift)
    normalize_name = [group for group in alike(every) if len(group.holders) >= FOLDED_FROM]
    shared = {group.difference for group in normalize_name}
    known = bool(sheet.drift.without_git)
    if normalize_name:
        yield from (Text(), Text("The same for many customers", "underline"))
    for group in normalize_name:
        yield from _group_lines(group, width=width, without_git=known)
    for customer in every:
        if not {finding.difference for finding in customer.findings} <= shared:
            yield Text()
            yield from _customer_lines(customer, shared, width=width, without_git=known)


def _group_lines(group: Alike, *, width: int, without_git: bool) -> Iterator[Text]:
    """A difference that many customers share, with their count and the first ids."""
    ids = [str(customer.customer_id) for customer, _ in group.holders]
    yield from _difference_lines(group.difference, width=width)
    yield Text(f"{_INDENT * 2}{counted(len(ids), 'customer')}: {listed(ids)}")
    yield from _remarks(drift_wording.shared_sentences(group, without_git=without_git))


def _customer_lines(
    customer: Drifted, shared: set[Difference], *, width: int, without_git: bool
) -> Iterator[Text]:
    """A customer's header and its findings; those that stand in a group are only counted."""
    yield from _head_lines(customer, width)
    own = [finding for finding in customer.findings if finding.difference not in shared]
    for finding in own:
        yield from _difference_lines(finding.difference, width=width)
        yield from _remarks(drift_wording.origin_sentences(finding.origin, without_git=without_git))
    if others := len(customer.findings) - len(own):
        yield Text(f"{_INDENT}and {counted(others, 'attribute')} shown above", "dim")


def _head_lines(customer: Drifted, width: int) -> Iterator[Text]:
    """Who and where, and since when: on one line if it fits."""
    head = Text().append(f"{drift_wording.SYMBOLS[customer.turn]} ", _STYLES[customer.turn])
    head.append(f"{customer.customer_id} {brief(customer.name)}", "bold")
    head.append(f"  {brief(customer.place, _MOST_CELLS)}", "dim")
    since = f"  {brief(drift_wording.since(customer.since))}"
    if head.cell_len + cell_len(since) <= width:
        yield head.append(since)
    else:
        yield from (head, Text(since, "italic"))


def _difference_lines(difference: Difference, *, width: int) -> Iterator[Text]:
    """Both sides on one line if they fit, else below each other, each behind its name."""
    head = Text(_INDENT).append(f"{drift_wording.SYMBOLS[difference.turn]} ", _STYLES[difference.turn])
    head.append(brief(difference.attribute))
    sides = difference.sides
    if sides.one_line and (line := _one_line(head, sides)).cell_len <= width:
        yield line
        yield from _remarks([sides.note] if sides.note else [])
        return
    yield head.append(f"  {sides.note}" if sides.note else "", "italic")
    yield from _side(drift_wording.GIT, sides.before, "bold")
    yield from _side(drift_wording.RPM, sides.after, "yellow")


def _one_line(head: Text, sides: Contrast) -> Text:
    """`Website  git says x → RPM has y`."""
    line = head.copy().append(f"  {drift_wording.GIT} ", "dim").append(sides.before[0], "bold")
    return line.append(f" → {drift_wording.RPM} ", "dim").append(sides.after[0], "yellow")


def _side(name: str, lines: Sequence[str], style: str) -> Iterator[Text]:
    """The lines of one side, its name before the first."""
    margin = cell_len(drift_wording.GIT) + 2
    for number, line in enumerate(lines):
        label = name if number == 0 else ""
        yield Text(_INDENT * 2).append(label.ljust(margin), "dim").append(line, style)


def _remarks(sentences: Sequence[str]) -> Iterator[Text]:
    """A sentence a line, below the values."""
    return (Text(_INDENT * 2 + brief(sentence, _MOST_CELLS), "italic") for sentence in sentences)
