"""A figure beside what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.bench.measure import Spread


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


def against(
    what: str, ours: Spread, name: str, floor: Spread, reach: float | None, *, digits: int = 2
) -> Row:
    """A row of two measurements: how many times the floor ours is."""
    ratio = ours.median / floor.median
    return Row(what, ours.shown(digits), f"{name}: {floor.shown(digits)}", ratio, reach)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the processor's seconds of one command were spent on, by part."""

    what: str
    customers: int
    seconds: Mapping[str, float]


def parts_as_markdown(parts: Parts) -> str:
    """A table of them, as microseconds a customer and as shares."""
    whole = sum(parts.seconds.values())
    lines = [f"| {parts.what} | µs a customer | of the time |", "|---|---|---|"]
    for part, seconds in parts.seconds.items():
        lines.append(f"| {part} | {1e6 * seconds / parts.customers:.2f} | {100 * seconds / whole:.0f} % |")
    return "\n".join(lines) + "\n"


def rows_as_markdown(rows: Iterable[Row]) -> str:
    """The table."""
    lines = ["| what | here | against | ratio | to reach | |", "|---|---|---|---|---|---|"]
    for row in rows:
        ratio = f"{row.ratio:,.0f}" if row.ratio >= 100 else f"{row.ratio:.3g}"
        lines.append(f"| {row.what} | {row.ours} | {row.against} | {ratio} {row.unit} | {row.goal} |")
    return "\n".join(lines) + "\n"
