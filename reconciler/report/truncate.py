"""Sections of rows -> one text that never passes its budget. Pure.

Each section's frame (its title with the total) is paid for first, then rows are taken in the order of the sections until
one does not fit; what is left out is counted in its section. So a reader sees every total, and the most important rows
are kept longest. Nothing is cut in the middle of a row: a cut could open a tag, a fence or an entity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LEFT_OUT: Final = len("\n… 1,000,000,000 more rows left out\n")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands before the rows, the rows (a line each, asked for until one does not fit), their number, and what stands after them."""

    head: str
    rows: Iterable[str]
    number: int
    tail: str = ""

    @property
    def frame(self) -> int:
        """The most characters that it takes without a row."""
        return len(self.head) + len(self.tail) + _LEFT_OUT


def fitted(opening: str, sections: Sequence[Section], closing: str, budget: int) -> str:
    """The whole, in at most `budget` characters; ValueError if not even the frames fit."""
    room = budget - len(opening) - len(closing) - sum(section.frame for section in sections)
    if room < 0:
        raise ValueError(f"a budget of {budget} characters has no room for the report's frame")
    parts = [opening]
    for section in sections:
        kept = _fitting(section.rows, room)
        room -= sum(len(row) + 1 for row in kept)
        if len(kept) < section.number:
            room = 0  # a less important row must not outlive a more important one
        parts.append(_joined(section, kept))
    return "".join([*parts, closing])


def _fitting(rows: Iterable[str], room: int) -> list[str]:
    """The first rows that fit, each with its line break."""
    kept = []
    for row in rows:
        room -= len(row) + 1
        if room < 0:
            break
        kept.append(row)
    return kept


def _joined(section: Section, kept: Sequence[str]) -> str:
    """A section with the rows that fit, and how many did not."""
    more = section.number - len(kept)
    left_out = f"\n… {more:,} more {'row' if more == 1 else 'rows'} left out\n" if more else ""
    return section.head + "".join(f"{row}\n" for row in kept) + left_out + section.tail
