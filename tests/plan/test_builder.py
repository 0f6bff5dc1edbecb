"""From what was read to a plan: what may have changed between the list and the records."""

from __future__ import annotations

from reconciler.core.clock import LONG_AGO
from reconciler.core.field_types import CompareRules
from reconciler.core.values import DesiredCustomer, ObservedCustomer, Target
from reconciler.plan.builder import PlanSides, build_plan
from reconciler.plan.identity import identify


def desired(customer_id: int, name: str) -> DesiredCustomer:
    return DesiredCustomer(customer_id, f"c/{customer_id}.yaml", 1, 1, {"Name": name}, [1, 7])


def observed(customer_id: int, name: str, *, whole: bool) -> ObservedCustomer:
    return ObservedCustomer(customer_id, {"Name": name}, LONG_AGO, whole=whole)


def test_a_name_given_up_since_the_list_was_read_is_free() -> None:
    """Another apply is in the middle of a swap: the list still has 2 as B, its record says A already, and 1 may become B."""
    files = [desired(1, "B"), desired(2, "A")]
    listed = {1: observed(1, "A", whole=False), 2: observed(2, "B", whole=False)}
    records = {1: observed(1, "A (renaming 1)", whole=True), 2: observed(2, "A", whole=True)}
    sides = PlanSides(identify(files, listed), (), listed, records, managed=2, claimed=frozenset({1, 2}))
    plan = build_plan(sides, CompareRules(), Target("sandbox:", None))
    assert plan.problems == ()
    assert [(edit.customer_id, edit.changes[0].after) for edit in plan.edits] == [(1, "B")]


def test_a_name_that_an_unselected_file_may_give_up_is_told_as_such() -> None:
    """The reason is the selection, not the other file."""
    files = [desired(1, "B"), desired(2, "C")]
    listed = {1: observed(1, "A", whole=False), 2: observed(2, "B", whole=False)}
    for selected, claimed, words in (
        (files[:1], {1, 2}, "and its file, which may rename it, is not selected"),
        (files[:1], {1}, "and no file renames it away"),
        ([files[0], desired(2, "B")], {1, 2}, "and c/2.yaml:1:1 keeps it"),
    ):
        sides = PlanSides(
            identify(selected, listed), (), listed, listed, managed=2, claimed=frozenset(claimed)
        )
        (problem,) = build_plan(sides, CompareRules(), Target("sandbox:", None)).problems
        assert problem.message.endswith(words)
