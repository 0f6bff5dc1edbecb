"""A figure beside what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what, both figures with their spread, the ratio, and what it should reach, if anything."""

    what: str
    ours: str
    against: str
    ratio: float
    reach: float | None
    at_least: bool = False
    unit: str = "×"

    @property
    def goal(self) -> str:
        """What the ratio should be, and whether it is."""
        if self.reach is None:
            return " | "
        reached = self.ratio >= self.reach if self.at_least else self.ratio <= self.reach
        return (
            f"{'≥' if self.at_least else '≤'} {self.reach:,g} {self.unit} | {'yes' if reached else '**no**'}"
        )


def rows_as_markdown(rows: Iterable[Row]) -> str:
    """The table."""
    lines = ["| what | here | against | ratio | to reach | |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = f"{row.ratio:,.0f}" if row.ratio >= 100 else f"{row.ratio:.3g}"
        lines.append(f"| {row.what} | {row.ours} | {row.against} | {ratio} {row.unit} | {row.goal} |")
    return "\n".join(lines) + "\n"
