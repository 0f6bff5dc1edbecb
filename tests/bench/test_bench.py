"""The bench in small: that it measures, and that the figures which are no times are what they must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.__main__ import table

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = 20


def test_a_small_run_fills_every_row_and_counts_every_call(tmp_path: Path) -> None:
    """Calls are those of promise 3, and one on a quiet night; times are measured and judged by nobody here."""
    text = table(tmp_path, CUSTOMERS, 1)
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    figures = {row[0]: row[1:] for row in rows[1:]}
    assert figures[f"calls of a full plan, {CUSTOMERS} customers"][0] == "21"
    assert figures[f"calls of a quiet night, {CUSTOMERS} customers"][0] == "1"
    for word in (
        "--help",
        "full read",
        "octoDNS",
        "a script",
        "reading and hashing",
        "memory",
        "a hundredth",
        "looks pasted",
        "each of them named",
        "a warm plan",
    ):
        assert word in text
