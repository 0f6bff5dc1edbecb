"""What a customer takes of memory beyond what a plan of ten takes: known from last time, read whole, and parsed anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.bench.dataset import MANAGED, Subscription
from tests.bench.measure import TOOL, peak, serving
from tests.bench.sections import WARM, folder_of
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZES: Final = {10_000: MANAGED, 100_000: MANAGED, 300_000: 4}
"""Customers, and how many fields each file manages: all files together may have 64 MB, which 300,000 of the usual ones would pass."""


def memory(root: Path, largest: int) -> Iterator[Row]:
    """The most that a plan held at one time, by kind of plan."""
    small = folder_of(root, Subscription(10))
    with serving(10, 0) as served:
        start = peak([TOOL, "plan", "--url", served.url], small)
    sizes = {customers: fields for customers, fields in SIZES.items() if customers <= largest}
    for customers, managed in (sizes or {largest: MANAGED}).items():
        subscription = Subscription(customers, managed=managed)
        place = folder_of(root, subscription)
        with serving(customers, 0) as served:
            plan = [TOOL, *WARM, "--url", served.url]
            peaks = {"every file parsed and every customer read": peak(plan, place)}
            peak(plan, place)
            peaks["warm"] = peak(plan, place)
            (place / ".reconciler" / "parsed.sqlite").unlink(missing_ok=True)
            peaks["every file parsed"] = peak(plan, place)
        size = len(subscription.manifest(customers))
        for kind, most in peaks.items():
            yield Row(
                f"memory of a plan of {customers:,} unchanged customers of {size} bytes, {kind}",
                f"{most / 1e6:,.0f} MB",
                f"of 10: {start / 1e6:,.0f} MB",
                (most - start) / customers / 1_000,
                (2 if kind == "warm" else 6) if customers > 10_000 else None,
                unit="KB each",
            )
