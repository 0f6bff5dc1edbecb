"""The order of renames, held against an exhaustive search over every small case."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.field_types import normalize_name
from reconciler.plan.order import Rename, order

if TYPE_CHECKING:
    from reconciler.plan.order import Step


def replay(steps: tuple[Step, ...], names: dict[int, str], wanted: dict[int, str]) -> dict[int, str]:
    """Carry the steps out on a server that keeps names unique, case ignored; fails where it would refuse."""
    names = dict(names)
    for step in steps:
        name = step.temporary_name or wanted.get(step.customer_id, names[step.customer_id])
        holders = {normalize_name(held): holder for holder, held in names.items()}
        assert holders.get(normalize_name(name), step.customer_id) == step.customer_id, f"{name} is taken"
        names[step.customer_id] = name
    return names


NAMES = {i: "ABCD"[i - 1] for i in range(1, 5)}
FREE = ("X", "a", "Y")


def fewest_edits(count: int) -> dict[tuple[str, ...], int]:
    """Breadth-first search from `NAMES` over all renames that a server with unique names allows: the edits to each outcome."""
    start = tuple(NAMES.values())[:count]
    pool = (*start, *FREE, "spare 1", "spare 2")
    fewest, frontier = {start: 0}, deque([start])
    while frontier:
        here = frontier.popleft()
        folded = [name.lower() for name in here]
        for at, name in itertools.product(range(count), pool):
            there = (*here[:at], name, *here[at + 1 :])
            free = name.lower() not in folded or name.lower() == folded[at]
            if free and there not in fewest:
                fewest[there] = fewest[here] + 1
                frontier.append(there)
    return fewest


@pytest.mark.row("F93")
@pytest.mark.row("F92")
@pytest.mark.parametrize("count", NAMES)
def test_the_edits_are_the_fewest_there_can_be(count: int) -> None:
    """Customers that want any of the names in use, another case of one, or a free one: the steps work on a strict server, and no sequence is shorter."""
    names = {i: name for i, name in NAMES.items() if i <= count}
    held = {normalize_name(name): i for i, name in names.items()}
    fewest = fewest_edits(count)
    for goal in itertools.permutations((*names.values(), *FREE), count):
        if {"A", "a"} <= set(goal):
            continue  # one name
        wanted = {i: name for i, name in zip(names, goal, strict=True) if name != names[i]}
        result = order(wanted, [Rename(i, names[i], name) for i, name in wanted.items()], held)
        assert not result.collisions
        assert replay(result.steps, names, wanted) == names | wanted
        assert len(result.steps) == fewest[goal], goal


@given(st.permutations(range(1, 13)), st.sets(st.integers(1, 12)))
def test_any_permutation_costs_one_edit_a_customer_and_one_a_cycle(
    goal: list[int], rewritten: set[int]
) -> None:
    """A permutation of names plus other changes costs changed customers + cycles, in a replayable order."""
    names = {i: f"Customer {i}" for i in range(1, 13)}
    wanted = {i: names[to] for i, to in zip(names, goal, strict=True) if to != i}
    edited = wanted.keys() | rewritten
    held = {normalize_name(name): i for i, name in names.items()}
    result = order(edited, [Rename(i, names[i], name) for i, name in wanted.items()], held)
    seen: set[int] = set()
    cycles = 0
    for start in wanted:
        if start not in seen:
            cycles += 1
            at = start
            while at not in seen:
                seen.add(at)
                at = goal[at - 1]
    assert len(result.steps) == len(edited) + cycles
    assert replay(result.steps, names, wanted) == names | wanted
    finished: set[int] = set()
    for step in result.steps:
        assert set(step.needs) <= finished, "an edit needs one that is listed later"
        finished.add(step.customer_id)


def test_a_name_that_its_holder_keeps_is_a_collision() -> None:
    """A wanted name held by a customer that is not renamed away is named with both customers."""
    result = order([1], [Rename(1, "A", "b")], {"a": 1, "b": 2})
    assert [(found.rename.customer_id, found.holder) for found in result.collisions] == [(1, 2)]


def test_an_alias_is_never_given_up() -> None:
    """A name that is the alias of a customer stays taken even when that customer is renamed."""
    result = order([1, 2], [Rename(1, "A", "Alias"), Rename(2, "B", "C")], {"a": 1, "b": 2, "alias": 2})
    assert [found.holder for found in result.collisions] == [2]


def test_a_change_of_case_alone_is_an_ordinary_rename() -> None:
    """A customer may take its own name in another case without a temporary name."""
    result = order([1], [Rename(1, "acme", "Acme")], {"acme": 1})
    assert [step.temporary_name for step in result.steps] == [None]
