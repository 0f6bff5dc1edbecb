"""A record -> the shapes of two drawings: how many drifted, audit by audit, and for how long what is open has been so. Pure.

Numbers only; the template draws them. Everything is told twice, by place and by text: a round mark on a whole line for
drifted, a square one on a broken line for missing, a dotted line for those of the drifted that are only not applied yet, and the
count next to the marks that are worth one. A line of an older record tells no cause, and counts as none. One step is one
audit, whatever the time between two: a scale of time would squeeze a night of many audits into a dot.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from reconciler.core.text import counted, printable
from reconciler.drift.history import ages, history
from reconciler.drift.model import Cause
from reconciler.report.value_diff import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reconciler.drift.history import Age, AuditRecord, History
    from reconciler.plan.model import Plan
    from reconciler.report.view import Customer

WIDTH: Final = 420
MOST_AUDITS: Final = 400
MOST_BARS: Final = 40
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 12, 22, 150
_MOST_MARKS: Final = 14
_BAR: Final = 40
_NAME: Final = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """One audit's count at its place; `label` is the count as text, or "" where it would only crowd.

    A label stands on the side that the step did not come from, or the line would run through it.
    """

    x: float
    y: float
    label: str
    below: bool


@dataclass(frozen=True, slots=True)
class Polyline:
    """One count over all audits: the corners of its steps, and the marks on it."""

    corners: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Drifted and missing customers, audit by audit, with the words for who cannot see the lines.

    `waiting` are the drifted of which every attribute is not applied yet; no line where no audit tells of one. A row of the
    table is an audit: its time and the counts under `COLUMNS`, "" where it tells none.
    """

    drifted: Polyline
    missing: Polyline
    waiting: Polyline | None
    most: int
    first: str
    last: str
    told: str
    table: tuple[tuple[str, ...], ...]


COLUMNS: Final = ("audit", "drifted", "changed in RPM", "unclear", "not applied", "missing")
"""What the numbers of each audit are called."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One open drift as a bar below its words; `length` is in the drawing's units, `begun` may say "or before"."""

    y: int
    length: float
    who: str
    audits: int
    begun: str
    missing: bool

    @property
    def words(self) -> str:
        """`10023 Acme, Inc.: 3 audits, since 2026-11-21`."""
        return f"{self.who}: {counted(self.audits, 'audit')}, {self.begun}"


@dataclass(frozen=True, slots=True)
class Bars:
    """The open drift, oldest first, and how many bars were left out."""

    bars: tuple[Bar, ...]
    more: int
    height: int


@dataclass(frozen=True, slots=True)
class Charts:
    """Both drawings, their width, and what a reader must know of them: what they lack, and why."""

    timeline: Timeline | None
    bars: Bars
    notes: tuple[str, ...]
    width: int = WIDTH
    columns: tuple[str, ...] = COLUMNS


def charts(record: Sequence[str], plan: Plan, drifted: Sequence[Customer]) -> Charts:
    """The drawings of a record's lines, which have ids alone; the audit at hand names the customers."""
    told = history(record, plan.target)
    missing = {str(it.customer_id): _short(it.name) for it in plan.missing}
    names = missing | {str(it.customer_id): _short(it.name) for it in drifted}
    return Charts(timeline(told.audits), bars(told.audits, names), _notes(told))


def _short(name: str) -> str:
    """A name that leaves room for the date after it; wide letters need twice as much."""
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in name[:_NAME])
    return brief(name, _NAME // 2 if wide else _NAME)


def timeline(audits: Sequence[AuditRecord]) -> Timeline | None:
    """The newest audits as two lines of steps; nothing without an audit."""
    drawn = audits[-MOST_AUDITS:]
    if not drawn:
        return None
    drifted, missing = [len(it.drifted) for it in drawn], [len(it.missing) for it in drawn]
    waiting = [it.caused_by(Cause.NOT_APPLIED) or 0 for it in drawn]
    most = max(1, *drifted, *missing)
    first, last = printable(drawn[0].at), printable(drawn[-1].at)
    told = (
        f"{counted(len(drawn), 'audit')} from {first} to {last}. Drifted customers: {drifted[0]:,} in the first audit, "
        f"{max(drifted):,} at most, {drifted[-1]:,} in the newest. Missing in the newest: {missing[-1]:,}."
    )
    if any(waiting):
        told += f" Not applied yet in the newest: {waiting[-1]:,}."
    lines = (
        _line(drifted, most),
        _line(missing, most, below=True),
        _line(waiting, most) if any(waiting) else None,
    )
    return Timeline(*lines, most, first, last, told, tuple(map(_told, drawn)))


def _told(audit: AuditRecord) -> tuple[str, ...]:
    """A row of the table."""
    causes = (audit.caused_by(cause) for cause in (Cause.CHANGED_IN_RPM, Cause.UNCLEAR, Cause.NOT_APPLIED))
    numbers = (len(audit.drifted), *causes, len(audit.missing))
    return (printable(audit.at), *("" if number is None else f"{number:,}" for number in numbers))


def bars(audits: Sequence[AuditRecord], names: Mapping[str, str]) -> Bars:
    """A bar for each drift that the last audit found open; as long as the share of all audits it was seen in."""
    found = ages(audits)
    room = WIDTH - _LEFT - _RIGHT
    drawn = [
        Bar(
            number * _BAR,
            _rounded(room * age.audits / len(audits)),
            _who(age, names),
            age.audits,
            _begun(age, len(audits)),
            age.missing,
        )
        for number, age in enumerate(found[:MOST_BARS])
    ]
    return Bars(tuple(drawn), max(0, len(found) - MOST_BARS), len(drawn) * _BAR)


def _notes(told: History) -> tuple[str, ...]:
    """What the drawings lack, and why."""
    notes = []
    if not told.audits:
        notes.append(
            "No history yet: `reconciler drift --record FILE --format html` keeps one, a line for each audit."
        )
    if len(told.audits) > MOST_AUDITS:
        notes.append(f"The newest {MOST_AUDITS:,} of {len(told.audits):,} audits are drawn.")
    if told.damaged:
        notes.append(f"{counted(told.damaged, 'line')} of the record skipped: damaged, or of a later format.")
    if told.elsewhere:
        notes.append(f"{counted(told.elsewhere, 'line')} of the record skipped: about another subscription.")
    return tuple(notes)


def _who(age: Age, names: Mapping[str, str]) -> str:
    """Whose drift it is."""
    who = f"{age.customer_id} {names.get(age.customer_id, '')}".rstrip()
    if age.missing:
        return f"{who}, missing"
    return f"{who}, not applied" if age.cause is Cause.NOT_APPLIED else who


def _begun(age: Age, every: int) -> str:
    """Since when it is seen; a drift as old as the record may be older."""
    before = " or before" if age.audits == every else ""
    return f"since {printable(age.since)[:10]}{before}"


def _line(numbers: Sequence[int], most: int, *, below: bool = False) -> Polyline:
    """The steps of a count, the first at the left edge and the last at the right; `below` where level ones are labelled."""
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(numbers) - 1)
    places = [
        (_rounded(_LEFT + step * position), _rounded(_BOTTOM - (_BOTTOM - _TOP) * number / most))
        for position, number in enumerate(numbers)
    ]
    corners = [f"{x:g},{y:g}" for x, y in places[:1]]
    for (_, before), (x, y) in pairwise(places):
        corners += [f"{x:g},{before:g}", f"{x:g},{y:g}"]
    labelled = _worth_a_label(numbers)
    shown = range(len(numbers)) if len(numbers) <= _MOST_MARKS else sorted(labelled)
    marks = tuple(
        Mark(*places[it], f"{numbers[it]:,}" if it in labelled else "", _below(numbers, it, level=below))
        for it in shown
    )
    return Polyline(" ".join(corners), marks)


def _below(numbers: Sequence[int], position: int, *, level: bool) -> bool:
    """Whether the label goes under its mark: after a fall, or where `level` says so and nothing moved."""
    before = numbers[max(0, position - 1)]
    return level if numbers[position] == before else numbers[position] < before


def _worth_a_label(numbers: Sequence[int]) -> set[int]:
    """The first, the last and the highest; where there is room, every one that differs from the one before."""
    if len(numbers) > _MOST_MARKS:
        return {0, numbers.index(max(numbers)), len(numbers) - 1}
    moved = {it for it in range(1, len(numbers)) if numbers[it] != numbers[it - 1]}
    return moved | {0, len(numbers) - 1}


def _rounded(number: float) -> float:
    """A coordinate; a tenth of a unit cannot be seen."""
    return round(number, 1)
