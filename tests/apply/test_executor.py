"""Apply on its own, with a reader and an editor of a few lines: what a server cannot be made to do."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from reconciler.apply.executor import Executor
from reconciler.apply.interfaces import Tools
from reconciler.apply.result import Result, exit_code
from reconciler.core.clock import Clock
from reconciler.core.field_types import CompareRules
from reconciler.core.values import ObservedCustomer, Target
from reconciler.plan.model import Change, Class, Edit, Plan
from reconciler.rpm.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass
class Rpm:
    """Reads and edits customers kept in a dict; `failing` raises for one of them."""

    values: dict[int, dict[str, str]]
    failing: int = 0
    calls: int = 0
    order: list[int] = field(default_factory=list)

    def customer(self, customer_id: int) -> ObservedCustomer:
        return ObservedCustomer(customer_id, dict(self.values[customer_id]), 0.0, whole=True)

    def edit(self, customer_id: int, values: Mapping[str, str]) -> ObservedCustomer:
        self.calls += 1
        self.order.append(customer_id)
        if customer_id == self.failing:
            raise AssertionError("a bug of ours")
        self.values[customer_id].update(values)
        return self.customer(customer_id)


class Notes:
    """A journal that forgets."""

    def intent(self, customer_id: int, attributes: Iterable[str]) -> None:
        pass

    def result(self, customer_id: int, outcome: str) -> None:
        pass


def edit(customer_id: int, *needs: int) -> Edit:
    """A change of the website."""
    change = Change("Website", "before", "after", Class.CHANGE)
    return Edit(customer_id, str(customer_id), "c.yaml", 1, (change,), needs)


def carry_out(rpm: Rpm, *edits: Edit, parallel: int = 1) -> Any:
    """Apply a plan of these edits."""
    plan = Plan(Target("sandbox:", None), edits, len(edits), len(edits), len(edits), 0, 1)
    stop, clock = threading.Event(), Clock()
    tools = Tools(
        reader=rpm,
        editor=rpm,
        journal=Notes(),
        retries=RetryPolicy(clock, stop, Random(1)),
        clock=clock,
        stop=stop,
        progress=lambda _count: None,
        unwritten=lambda _id, _outcome: None,
    )
    observed = {i: rpm.customer(i) for i in rpm.values}
    return Executor(plan, observed, CompareRules(), tools, read_age=1e9).run(parallel=parallel)


def customers(*ids: int) -> dict[int, dict[str, str]]:
    """Customers as they are before."""
    return {i: {"Name": str(i), "Website": "before"} for i in ids}


@pytest.mark.row("F135")
def test_a_bug_in_a_worker_stops_the_run_and_not_the_report() -> None:
    """The customer in hand is unknown, because the edit was on its way; the rest is not tried."""
    rpm = Rpm(customers(1, 2, 3), failing=2)
    report = carry_out(rpm, edit(1), edit(2), edit(3))
    assert [it.result for it in report.outcomes] == [Result.EDITED, Result.UNKNOWN, Result.NOT_TRIED]
    assert "AssertionError" in report.outcomes[1].detail
    assert exit_code(report, signal_number=None) == 4


def test_edits_start_in_plan_order() -> None:
    """One worker takes them as they are listed."""
    rpm = Rpm(customers(1, 2, 3))
    carry_out(rpm, edit(3), edit(1), edit(2))
    assert rpm.order == [3, 1, 2]


def test_only_what_depends_on_a_failure_is_left_out() -> None:
    """3 needs 2, which moved; 1 and 4 have nothing to do with it."""
    rpm = Rpm(customers(1, 2, 3, 4))
    rpm.values[2]["Website"] = "moved"
    report = carry_out(rpm, edit(1), edit(2), edit(3, 2), edit(4), parallel=4)
    results = {it.customer_id: it.result for it in report.outcomes}
    assert results == {1: Result.EDITED, 2: Result.HELD, 3: Result.NOT_TRIED, 4: Result.EDITED}
    assert "it needs the edit of customer 2" in report.outcomes[2].detail


def test_each_customer_is_in_one_list() -> None:
    """However the edits of a cycle end, the report has the customer once."""
    rpm = Rpm(customers(1, 2))
    passing = Edit(
        1, "1", "c.yaml", 1, (Change("Name", "1", "1 (renaming 1)", Class.CHANGE),), (), temporary=True
    )
    last = Edit(1, "1", "c.yaml", 1, (Change("Name", "1 (renaming 1)", "2", Class.CHANGE),), (2,))
    other = Edit(2, "2", "c.yaml", 9, (Change("Website", "else", "after", Class.CHANGE),), (1,))
    report = carry_out(rpm, passing, other, last)
    assert {it.customer_id: it.result for it in report.outcomes} == {1: Result.NOT_TRIED, 2: Result.HELD}
    assert 'its name is "1 (renaming 1)" for now' in report.outcomes[0].detail
