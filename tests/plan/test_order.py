"""The order of edits, by example; `tests/property/test_order.py` holds that there are none too many."""

from __future__ import annotations

import pytest

from reconciler.plan.order import Collision, Rename, Step, order


def held(**names: int) -> dict[str, int]:
    """Who holds which normalized name."""
    return names


def test_each_waits_for_the_holder_of_its_name() -> None:
    """A chain runs from its free end; who renames nobody goes by id, and each edit says whom it needs."""
    chain = [Rename(1, "a", "b"), Rename(2, "b", "c"), Rename(3, "c", "d")]
    ordering = order([1, 2, 3, 4, 0], chain, held(a=1, b=2, c=3))
    assert ordering.steps == (Step(0), Step(3), Step(2, (3,)), Step(1, (2,)), Step(4))
    assert ordering.collisions == ()


def test_a_cycle_is_broken_at_its_lowest_id() -> None:
    """By a temporary name; whoever waits for that customer needs it, and its own last edit needs the one before."""
    ordering = order(
        [5, 3, 4], [Rename(5, "e", "c"), Rename(3, "c", "d"), Rename(4, "d", "e")], held(c=3, d=4, e=5)
    )
    assert ordering.steps == (Step(3, (), "c (renaming 3)"), Step(5, (3,)), Step(4, (5,)), Step(3, (4,)))


def test_a_cycle_that_was_met_before_is_not_broken_again() -> None:
    """Each of its customers leads to the same one, and so does the next chain to its own end."""
    swap = [Rename(2, "b", "a"), Rename(1, "a", "b")]
    chain = [Rename(9, "i", "h"), Rename(8, "h", "z")]
    ordering = order([9, 8, 2, 1], [*swap, *chain], held(a=1, b=2, h=8, i=9))
    assert ordering.steps == (
        Step(1, (), "a (renaming 1)"),
        Step(2, (1,)),
        Step(1, (2,)),
        Step(8),
        Step(9, (8,)),
    )


def test_a_tail_is_no_part_of_a_cycle() -> None:
    """Two that want one name are refused before; should they come here, no edit is lost all the same."""
    renames = [Rename(0, "i", "a"), Rename(2, "b", "a"), Rename(1, "a", "b")]
    ordering = order([0, 2, 1], renames, held(a=1, b=2, i=0))
    assert ordering.steps == (
        Step(1, (), "a (renaming 1)"),
        Step(0, (1,)),
        Step(2, (1,)),
        Step(1, (2,)),
    )


@pytest.mark.parametrize("first", [1, 3])
def test_two_cycles_cost_one_edit_each(first: int) -> None:
    """Whichever is met first; one that was walked is not walked again."""
    renames = {1: Rename(1, "a", "b"), 2: Rename(2, "b", "a"), 3: Rename(3, "c", "d"), 4: Rename(4, "d", "c")}
    there = [renames[first], *(it for i, it in renames.items() if i != first)]
    ordering = order([1, 2, 3, 4], there, held(a=1, b=2, c=3, d=4))
    assert [(it.customer_id, it.temporary_name) for it in ordering.steps if it.temporary_name] == [
        (1, "a (renaming 1)"),
        (3, "c (renaming 3)"),
    ]
    assert len(ordering.steps) == 6


def test_a_temporary_name_is_nobodys() -> None:
    """Neither one that is held nor one that is wanted; case does not count."""
    swap = [Rename(1, "a", "b"), Rename(2, "b", "a")]
    taken = {**held(a=1, b=2), "a (renaming 1)": 7}
    assert order([1, 2], swap, taken).steps[0].temporary_name == "a (renaming 1) 2"
    wanted = Rename(3, "c", "A (Renaming 1) 2")
    assert order([1, 2, 3], [*swap, wanted], taken).steps[0].temporary_name == "a (renaming 1) 3"


def test_collisions_are_told_by_id() -> None:
    """With the holder; the others are looked at all the same, and nobody waits for one that gives nothing up."""
    renames = [Rename(9, "i", "X"), Rename(3, "c", "y"), Rename(1, "a", "c")]
    ordering = order([9, 3, 1], renames, {**held(a=1, c=3, i=9), "x": 7, "y": 8})
    assert ordering.collisions == (Collision(renames[1], 8), Collision(renames[0], 7))
    assert ordering.steps == (Step(3), Step(1, (3,)), Step(9))


@pytest.mark.parametrize(
    ("holder", "free"),
    [
        pytest.param(Rename(2, "B", "C"), True, id="renamed away"),
        pytest.param(Rename(2, "B", "b "), False, id="only its case changes"),
        pytest.param(Rename(2, "C", "D"), False, id="it is an alias"),
        pytest.param(None, False, id="not renamed"),
    ],
)
def test_who_gives_a_name_up(holder: Rename | None, *, free: bool) -> None:
    """Only a rename of that very name to another one does."""
    ordering = order([1], [Rename(1, "A", "b"), *([holder] if holder else [])], held(a=1, b=2))
    assert (ordering.collisions == ()) is free


def test_a_name_that_is_ones_own_alias_is_free() -> None:
    """RPM would not refuse it: the holder is the customer itself."""
    ordering = order([1, 2], [Rename(1, "A", "Old"), Rename(2, "B", "C")], held(a=1, old=1, b=2))
    assert (ordering.collisions, ordering.steps) == ((), (Step(1), Step(2)))
