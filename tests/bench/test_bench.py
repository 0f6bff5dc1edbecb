"""The bench in small: that it measures, and that the figures which are no times are what they must be."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Final

import pytest

import reconciler
from reconciler.repo import stamps
from tests.bench.__main__ import PARTS
from tests.bench.branch import branch_of, counts
from tests.bench.dataset import Subscription
from tests.bench.differing import spelled
from tests.bench.measure import serving
from tests.bench.sections import calls, made_of
from tests.bench.table import rows_as_markdown
from tests.bench.wire import PARALLEL, edit_counts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CUSTOMERS = 20
KEPT = 1_000
"""Customers from which on what was read is kept."""


WORDS: Final = {
    "calls": ("script",),
    "starting": ("`--help`", "`plan` of one customer, differs", "deepdiff alone"),
    "reading": ("full read",),
    "editing": ("edits a second", "a chain of"),
    "rivals": ("a script",),
    "folders": ("octoDNS", "reading and hashing", "a hundredth"),
    "memory": ("warm", "every file parsed"),
    "growth": ("looks pasted", "each of them named"),
    "branch": ("git diff --name-only",),
    "texts": ("documents, seconds", "CSafeLoader", "without a history"),
    "differing": ("DeepDiff alone", "writing the files"),
}
"""Of each part of the bench, what its rows name."""


@pytest.mark.parametrize("part", PARTS)
def test_a_small_run_of_each_part_fills_its_rows(part: str, tmp_path: Path) -> None:
    """Times are measured and judged by nobody here."""
    text = rows_as_markdown(PARTS[part](tmp_path, CUSTOMERS, 1))
    for word in WORDS[part]:
        assert word in text


def test_what_the_time_is_made_of_names_parts_that_the_code_has(tmp_path: Path) -> None:
    """A function that moved is missed here."""
    warm, full = made_of(tmp_path, CUSTOMERS)
    assert "a warm plan" in warm.what
    assert "a full read" in full.what
    assert min(len(warm.seconds), len(full.seconds)) > 1


def test_calls_are_those_of_promise_3_and_one_on_a_quiet_night(tmp_path: Path) -> None:
    """Counted by the server."""
    figures = {row.what: row.ours for row in calls(tmp_path, CUSTOMERS)}
    assert figures[f"calls of a full plan, {CUSTOMERS} customers"] == "21"
    assert figures[f"calls of a quiet night, {CUSTOMERS} customers"] == "1"


def test_a_branch_costs_six_git_processes_and_opens_no_file(tmp_path: Path) -> None:
    """Counts, which no busy machine changes: what is kept is neither opened nor parsed again, and base is not read but where it differs."""
    branch = branch_of(tmp_path, KEPT)
    with serving(KEPT, 0) as served:
        found = counts(branch, served)
    assert found == {"plan": {"git": 6, "files": 0}, "validate": {"git": 2, "files": 0}}


def test_a_plan_of_many_differences_is_spelled_once(tmp_path: Path) -> None:
    """One document; each edit's approval and the target, for it and for the digest below the text, and two checksums; no row in vain."""
    customers = 400
    found = spelled(tmp_path, customers)
    for name in ("plan", "json"):
        assert found[name] == {"documents": 1, "parts": customers + 3, "comparisons": 1, "rows": 0}
    assert found["show"] == {"documents": 1, "parts": customers + 3, "comparisons": 0, "rows": 0}
    assert found["markdown"]["rows"] < customers, "60,000 characters hold fewer"


def test_an_edit_costs_one_fsync_and_no_connection(tmp_path: Path) -> None:
    """Its intent takes one, which its result shares with the next; those in flight keep a connection each and share the wait."""
    alone = edit_counts(tmp_path, CUSTOMERS, 1)
    calls = {"lists": 1, "reads": CUSTOMERS, "edits": CUSTOMERS}
    assert alone == {"fsyncs": CUSTOMERS + 2, "connections": 1, **calls}, (
        "two more: of the first line and at the end"
    )
    many = edit_counts(tmp_path, CUSTOMERS, PARALLEL)
    assert {name: many[name] for name in calls} == calls
    assert many["connections"] <= PARALLEL
    assert many["fsyncs"] <= 2 * CUSTOMERS + 2, "where the disk takes no time at all, and nobody waits"


def test_a_customer_takes_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the allocations of this process, which no other one changes: unchanged and known from last time, or read whole and kept."""
    monkeypatch.setattr(stamps, "DOUBT", -(10**12))
    customers = 2 * KEPT
    Subscription(customers).write(tmp_path)
    with (
        serving(customers, 0) as served,
        reconciler.open(tmp_path, url=served.url, api_key="bench", refresh="modified") as project,
    ):
        project.plan()
        warm = _peak_of(project.plan)
        (tmp_path / ".reconciler" / "snapshot.sqlite").unlink()
        whole = _peak_of(project.plan)
    assert warm < 2_600 * customers, "of which 400 bytes are what a thousand take in passing; it was 3,100"
    assert whole < 5_000 * customers, "it was 8,000"


def _peak_of(work: Callable[[], object]) -> int:
    """The most bytes that were allocated at one time beyond those before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
